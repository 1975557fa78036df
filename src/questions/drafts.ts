/** The questions that Cadenza itself asks: approval, values for a tool, work done elsewhere. */
import type { Field } from '../../machines/vocabulary.ts';
import type { QuestionTimes } from '../define/deadline.ts';
import { jsonSchemaOf } from '../define/json-schema.ts';
import type { FunctionTool } from '../define/tool.ts';
import type { QuestionDraft } from './question.ts';

/**
 * Fields whose meaning Cadenza knows; those of a tool that asks for approval may not have their
 * names. A tool's own `note` is the note of an approval too.
 */
export const decisionFields: readonly string[] = ['approved', 'arguments', 'remember'];

/** What is asked before a tool runs: whether it may, and what only the person knows. */
export function heldToolQuestion(tool: FunctionTool, needsApproval: boolean): QuestionDraft {
  const { name, userFields, editable, remember } = tool;
  const approval: Field[] = needsApproval
    ? [
        { name: 'approved', type: 'boolean', label: `May "${name}" run?`, required: true },
        ...(userFields.some((field) => field.name === 'note') ? [] : [noteField]),
        ...(editable ? [argumentsField(tool)] : []),
        ...(remember
          ? [
              {
                name: 'remember',
                type: 'boolean',
                label: `Allow "${name}" without asking for the rest of this session?`,
                required: false,
              } as const,
            ]
          : []),
      ]
    : [];
  return {
    reason: needsApproval ? 'approval' : 'input_required',
    prompt: needsApproval
      ? `The team wants to run "${name}".`
      : `"${name}" needs values that only you know.`,
    fields: [...approval, ...userFields],
    ...timesOf(tool),
  };
}

const noteField: Field = {
  name: 'note',
  type: 'string',
  label: 'A note for the model, if it may not.',
  required: false,
};

function argumentsField({ input }: FunctionTool): Field {
  return {
    name: 'arguments',
    type: 'object',
    label: 'Other arguments, in place of those of the model.',
    required: false,
    schema: jsonSchemaOf(input),
  };
}

/** The longest text that another system may answer with: as long as a result is kept. */
const resultMax = 262_144;

/** What is asked of the system that does a tool's work outside. */
export function externalQuestion(tool: FunctionTool): QuestionDraft {
  const label = `What "${tool.name}" returned.`;
  const result: Field = tool.output
    ? { name: 'result', type: 'object', label, required: true, schema: jsonSchemaOf(tool.output) }
    : { name: 'result', type: 'string', label, required: true, max: resultMax };
  return {
    reason: 'external_execution',
    prompt: `"${tool.name}" is done outside. Do it, and answer with its result.`,
    fields: [result],
    ...timesOf(tool),
  };
}

/** When the questions of a tool expire, and are reminded of. */
export function timesOf({ deadline, remindAfterMs }: FunctionTool): QuestionTimes {
  return {
    ...(deadline ? { deadline } : {}),
    ...(remindAfterMs === undefined ? {} : { remindAfterMs }),
  };
}

/** What the person can say of a tool that a crash interrupted. */
const outcomes = ['it_happened', 'run_it_again', 'give_up'] as const;

/**
 * Asks whether an interrupted tool did its work.
 *
 * @param changed the arguments as JSON that the person put in place of the model's, if any
 */
export function outcomeQuestion(toolName: string, changed?: string): QuestionDraft {
  const begun = changed ? `begun with the arguments ${changed}` : 'begun';
  return {
    reason: 'outcome_unknown',
    prompt: `"${toolName}" was ${begun} before a restart and its outcome is unknown. What happened?`,
    fields: [
      {
        name: 'outcome',
        type: 'choice',
        label: `Did "${toolName}" do its work?`,
        required: true,
        choices: outcomes,
      },
      {
        name: 'result',
        type: 'string',
        label: 'If it happened: what it returned, in words for the model.',
        required: false,
      },
    ],
  };
}
