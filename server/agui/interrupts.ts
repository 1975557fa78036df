/** Questions as AG-UI's interrupts, and what resumes them as answers. */
import { answerJsonSchema, type Question } from '../../src/index.ts';
import { parsed } from '../json-value.ts';
import { agentPathOf, type OpenedQuestion } from '../log-view.ts';
import { type Interrupt, idOf } from './protocol.ts';

/** A reason that AG-UI has no word for has one of ours. */
const reasons: Readonly<Record<OpenedQuestion['reason'], string>> = {
  input_required: 'input_required',
  approval: 'tool_call',
  external_execution: 'cadenza:external_execution',
  outcome_unknown: 'cadenza:outcome_unknown',
};

export function interruptOf(runId: string, question: OpenedQuestion): Interrupt {
  const { id, reason, prompt, path, askedBy, expiresAt } = question;
  const member = agentPathOf(path);
  return {
    id,
    reason: reasons[reason],
    message: prompt,
    toolCallId: idOf(runId, path),
    ...(member === '' ? {} : { subagentRunId: idOf(runId, member) }),
    responseSchema: responseSchemaOf(question),
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    metadata: {
      run_id: runId,
      asked_by: askedBy,
      tool_call_id: question.toolCallId,
      tool_name: question.toolName,
      arguments: question.arguments,
      fields: question.fields,
    },
  };
}

/** Whoever declines an approval need fill in nothing else; changed arguments have AG-UI's name. */
function responseSchemaOf({ reason, fields }: OpenedQuestion): Record<string, unknown> {
  const schema = answerJsonSchema(fields);
  if (reason !== 'approval') return schema;
  const { arguments: editedArgs, ...properties } = Object(schema['properties']);
  return {
    ...schema,
    properties: { ...properties, ...(editedArgs ? { editedArgs } : {}) },
    required: ['approved'],
  };
}

/** The values of a payload. */
export function valuesOf(
  { reason }: Pick<Question, 'reason'>,
  payload: unknown,
): Readonly<Record<string, unknown>> {
  if (reason !== 'approval' || typeof payload !== 'object' || payload === null) {
    return (payload ?? {}) as Readonly<Record<string, unknown>>;
  }
  const { editedArgs, ...values } = payload as Record<string, unknown>;
  return editedArgs === undefined ? values : { ...values, arguments: editedArgs };
}

/** The values of what a front end says that a tool returned. */
export function valuesOfResult(
  question: Pick<Question, 'reason' | 'fields'>,
  content: unknown,
): Readonly<Record<string, unknown>> {
  const read = typeof content === 'string' ? parsed(content) : content;
  const [field, ...more] = question.fields;
  const isWhole = typeof read === 'object' && read !== null && field && field.name in read;
  if (isWhole || !field || more.length > 0) return valuesOf(question, read);
  if (field.type !== 'string') return { [field.name]: read };
  return { [field.name]: typeof content === 'string' ? content : JSON.stringify(content) };
}
