/** The forms of the ids that callers choose; the wire and the library take the same. */
import { RequestError } from './errors.ts';

/** A session's id: fit for every URL and every front end. */
export const sessionIdForm = /^[A-Za-z0-9_-]{1,64}$/;

/** The longest id of a message, in UTF-16 units. */
export const messageIdMax = 256;

/** What stands for a request that is sent again. */
export const idempotencyKeyForm = /^[A-Za-z0-9_-]{8,64}$/;

/** @throws RequestError `message_invalid` */
export function checkSessionId(id: string): void {
  if (sessionIdForm.test(id)) return;
  throw unusable('sessionId', 'letters, digits, "_" and "-", at most 64');
}

/** @throws RequestError `message_invalid` */
export function checkMessageId(id: string): void {
  const fits = id.length >= 1 && id.length <= messageIdMax;
  if (fits && id.isWellFormed() && !id.includes('\0')) return;
  throw unusable('messageId', `well-formed text of 1 to ${messageIdMax} characters`);
}

function unusable(what: string, form: string): RequestError {
  return new RequestError('message_invalid', `The ${what} must be ${form}.`, [
    { pointer: `/${what}`, message: `must be ${form}` },
  ]);
}
