/** What a run tells of a model call that ended in an error. */
import { RunError } from '../errors.ts';
import type { Failure } from '../stores/events.ts';

/** How much of a model's refusal is told, in UTF-16 units. */
const refusalMax = 500;

/** The failure of an agent whose model call cannot be tried again. */
export function failureOf(error: unknown, model: string): Failure {
  if (!(error instanceof RunError)) {
    return {
      code: 'internal_error',
      message: `Calling the model "${model}" failed inside.`,
    };
  }
  const { code, message, details } = error;
  const { refusal } = details;
  const said = code === 'model_refused' && typeof refusal === 'string' ? inOneLine(refusal) : '';
  return { code, message: said === '' ? message : `${message} The refusal says: "${said}"` };
}

function inOneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= refusalMax ? line : `${line.slice(0, refusalMax).toWellFormed()} …`;
}
