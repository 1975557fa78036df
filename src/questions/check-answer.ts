/** What a tool itself demands of an answer, beyond the fields that are stored with the question. */
import type * as z from 'zod';
import type { Answer } from '../../machines/vocabulary.ts';
import type { FunctionTool } from '../define/tool.ts';
import type { FieldError } from '../errors.ts';
import { fieldErrorsOf, misfitSentence } from './misfits.ts';
import type { Question } from './question.ts';

/**
 * What of an answer does not fit its tool, with pointers from the answer's root.
 *
 * @param isFirst whether it is the first question of its call: the one that holds the tool
 */
export async function misfitsOf(
  tool: FunctionTool,
  question: Pick<Question, 'reason'>,
  answer: Answer,
  isFirst: boolean,
): Promise<FieldError[]> {
  if (question.reason === 'external_execution') {
    return tool.output ? misfits(tool.output, answer['result'], '/result') : [];
  }
  const decides = question.reason === 'approval';
  if (question.reason === 'outcome_unknown' || (decides && answer['approved'] === false)) return [];
  const changed = decides ? answer['arguments'] : undefined;
  const inArguments = changed === undefined ? [] : await misfits(tool.input, changed, '/arguments');
  if (!tool.askUser || !isFirst) return inArguments;
  return [...inArguments, ...(await misfits(tool.askUser, userValues(tool, answer), ''))];
}

/** The person's values for `askUser`, out of an answer that may also decide. */
export function userValues(tool: FunctionTool, answer: Answer): Record<string, unknown> {
  const names = tool.userFields.map(({ name }) => name);
  return Object.fromEntries(Object.entries(answer).filter(([name]) => names.includes(name)));
}

async function misfits(schema: z.ZodType, value: unknown, at: string): Promise<FieldError[]> {
  // Where the schema has a sentence of its own, that is told.
  const read = await schema.safeParseAsync(value, { error: misfitSentence });
  if (read.success) return [];
  return read.error.issues
    .flatMap((issue) => fieldErrorsOf(issue))
    .map(({ pointer, message }) => ({ pointer: at + pointer, message }));
}
