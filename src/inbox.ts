/** The questions of all runs: listed, given to somebody, claimed and released. */
import type { Core } from './core.ts';
import { closedError } from './engine.ts';
import { RequestError } from './errors.ts';
import { type Known, known } from './identity.ts';
import type { Question } from './questions/question.ts';
import { notOpen } from './questions/refusals.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import type { TenantRuntime } from './runtime-types.ts';
import { shortened } from './text.ts';

type Inbox = Pick<TenantRuntime, 'questions' | 'assign' | 'claim' | 'release'>;

/**
 * Reads a question.
 *
 * @throws RequestError `question_not_found`, `runtime_closed`
 */
export async function foundQuestion(
  core: Core,
  { tenantId }: Known,
  questionId: string,
): Promise<Question> {
  if (core.isClosed()) throw closedError();
  const question = await core.store.question(tenantId, questionId);
  if (question) return question;
  throw new RequestError('question_not_found', `There is no question "${shortened(questionId)}".`);
}

/** The part of a runtime that is about questions over all runs. */
export function createInbox(core: Core, me: Known): Inbox {
  const { store, mayAnswer } = core;
  const { tenantId } = me;
  const found = (questionId: string) => foundQuestion(core, me, questionId);

  return {
    async questions(filter = {}) {
      if (core.isClosed()) throw closedError();
      if (filter.after !== undefined) await found(filter.after);
      return store.listQuestions(tenantId, filter);
    },

    async assign(questionId, assignee) {
      if (assignee !== null) known({ userId: assignee });
      await found(questionId);
      if (!(await store.assign(tenantId, questionId, assignee))) throw notOpen(questionId);
      return found(questionId);
    },

    async claim(questionId, userId = me.userId) {
      if (userId === undefined) throw nobody();
      known({ userId });
      const question = await found(questionId);
      checkMayAnswer(question, userId, mayAnswer);
      if (question.status !== 'open') throw notOpen(questionId);
      if (question.claimedBy === userId) return question;
      if (question.claimedBy !== undefined) throw claimed(question);
      if (!(await store.claimQuestion(tenantId, questionId, null, userId))) {
        throw claimed(await found(questionId));
      }
      return found(questionId);
    },

    async release(questionId, userId = me.userId) {
      if (userId === undefined) throw nobody();
      const question = await found(questionId);
      if (question.claimedBy === undefined) return question;
      if (question.claimedBy !== userId) throw claimed(question);
      await store.claimQuestion(tenantId, questionId, userId, null);
      return found(questionId);
    },
  };
}

/** @throws RequestError `not_allowed` */
export function checkMayAnswer(
  question: Question,
  userId: string | undefined,
  mayAnswer: RuntimeOptions['mayAnswer'] = () => true,
): void {
  if (mayAnswer(question, userId)) return;
  throw new RequestError(
    'not_allowed',
    `Question "${question.id}" is not yours to answer. It stays open.`,
  );
}

/** A claim by nobody would be nobody's. */
function nobody(): RequestError {
  return new RequestError('not_allowed', 'Claiming a question needs to know who you are.');
}

function claimed(question: Question): RequestError {
  return question.status === 'open'
    ? new RequestError(
        'question_claimed',
        `Question "${question.id}" is claimed by "${question.claimedBy}".`,
      )
    : notOpen(question.id);
}
