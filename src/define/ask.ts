/** What a tool's body returns when it must ask the person before it can go on. */
import type * as z from 'zod';
import { RunError } from '../errors.ts';
import type { QuestionDraft } from '../questions/question.ts';
import { checkTimes, type QuestionTimes } from './deadline.ts';
import { fieldsOf } from './user-fields.ts';

const marker = Symbol('cadenza.asked');

/** A question instead of a result. Made by `ask`. */
export interface Asked {
  readonly [marker]: true;
  readonly question: QuestionDraft;
}

/**
 * Asks the person from inside a tool: return it from `execute`, and `execute` is entered again with
 * the answer in `answers`. What stood before the question does run again, so look at `answers`
 * first.
 *
 * @param schema what the person fills in: text, numbers, yes/no, dates and choices
 * @param options its deadline and reminder; without them, the tool's own hold
 * @throws DefinitionError `field_unsupported` for what a form cannot hold, `limit_unusable` and
 *   `tool_unusable` for a deadline that cannot be kept
 * @example
 * execute: ({ amount }, { answers: [answer] }) => {
 *   if (!answer) return ask(z.object({ code: z.string() }), 'Which code did you get?');
 *   return pay(amount, answer.code);
 * }
 */
export function ask(schema: z.ZodObject, prompt: string, options: QuestionTimes = {}): Asked {
  const fields = fieldsOf('A tool', schema);
  if (fields.length === 0) throw new RunError('internal_error', 'ask() needs a field to ask for.');
  const question: QuestionDraft = { reason: 'input_required', prompt, fields, ...options };
  checkTimes('A tool', question, question);
  return { [marker]: true, question };
}

/** Whether a tool returned a question. */
export function isAsked(output: unknown): output is Asked {
  return typeof output === 'object' && output !== null && marker in output;
}
