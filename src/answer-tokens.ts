/**
 * Answer tokens: whoever bears one may read and answer one question, without being known, as long as
 * it is open. Only a token's hash is kept.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { Core } from './core.ts';
import { closedError } from './engine.ts';
import { RequestError } from './errors.ts';
import { type Known, known } from './identity.ts';
import { pointerTo } from './questions/fields.ts';
import type { Question } from './questions/question.ts';
import { notOpen, tokenInvalid } from './questions/refusals.ts';
import { answerRun } from './resume.ts';
import type { Runtime, TenantRuntime } from './runtime-types.ts';

/** How long a token is good for where neither it nor its question says, in milliseconds. */
const defaultMs = 7 * 24 * 60 * 60 * 1_000;

const secretBytes = 32;

/** The part of a tenant's runtime that makes tokens. */
export function tokenMaker(
  { store }: Core,
  { tenantId }: Known,
  found: (questionId: string) => Promise<Question>,
): Pick<TenantRuntime, 'createAnswerToken'> {
  return {
    async createAnswerToken(questionId, { expiresAt, userId } = {}) {
      const question = await found(questionId);
      const by = known(userId === undefined ? {} : { userId });
      const until = expiresAt ?? question.expiresAt ?? new Date(Date.now() + defaultMs);
      checkExpiry(until);
      const token = randomBytes(secretBytes).toString('base64url');
      const kept = { hash: hashOf(token), userId: by.userId ?? null, expiresAt: until.getTime() };
      if (await store.addAnswerToken(tenantId, questionId, kept)) {
        return { token, expiresAt: until };
      }
      throw notOpen(questionId);
    },
  };
}

/** The part of a runtime that takes tokens, whosoever's they are. */
export function tokenTaker(core: Core): Pick<Runtime, 'questionByToken' | 'answerByToken'> {
  const { store, engine } = core;

  async function bearing(token: string) {
    if (core.isClosed()) throw closedError();
    const hash = hashOf(token);
    const right = await store.answerToken(hash);
    const question = right && (await store.question(right.tenantId, right.questionId));
    // What was answered is nothing to whoever bears another token.
    if (!right || question?.status !== 'open') throw tokenInvalid();
    return { right, question, hash };
  }

  return {
    questionByToken: async (token) => (await bearing(token)).question,

    async answerByToken(token, answer) {
      const { right, question, hash } = await bearing(token);
      const { tenantId, runId, userId } = right;
      const answering = answerRun(
        core,
        { tenantId, runId },
        { [question.id]: answer },
        { by: userId, token: hash },
      );
      await answering.catch((error: unknown) => {
        throw withinAnswer(error, question.id);
      });
      engine.advanceSoon(runId);
      return (await store.question(tenantId, question.id)) ?? question;
    },
  };
}

/** Whoever answers one question gave its values only, so pointers lead into these. */
function withinAnswer(error: unknown, questionId: string): unknown {
  if (!(error instanceof RequestError) || error.errors.length === 0) return error;
  const above = pointerTo([questionId]);
  const errors = error.errors.map(({ pointer, message }) => ({
    pointer: pointer.startsWith(above) ? pointer.slice(above.length) : pointer,
    message,
  }));
  return new RequestError(error.code, error.message, errors);
}

/** The bearer has a secret of 256 random bits, so its hash needs no salt. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function checkExpiry(expiresAt: Date): void {
  if (expiresAt.getTime() > Date.now()) return;
  throw new RequestError('body_invalid', 'A token must expire in the future.', [
    { pointer: '/expires_at', message: 'must be in the future' },
  ]);
}
