/** The questions of all runs: listed, given to somebody, claimed and released. */
import { closedError } from './engine.ts';
import { RequestError } from './errors.ts';
import type { Question } from './questions/question.ts';
import type { Runtime, RuntimeOptions } from './runtime-types.ts';
import type { Store } from './stores/store.ts';

type Inbox = Pick<Runtime, 'questions' | 'assign' | 'claim' | 'release'>;

/** The part of a runtime that is about questions over all runs. */
export function createInbox(
  store: Store,
  mayAnswer: RuntimeOptions['mayAnswer'],
  isClosed: () => boolean,
): Inbox {
  async function found(questionId: string): Promise<Question> {
    if (isClosed()) throw closedError();
    const question = await store.question(questionId);
    if (question) return question;
    throw new RequestError(
      'question_not_found',
      `There is no question "${questionId.toWellFormed()}".`,
    );
  }

  return {
    async questions(filter = {}) {
      if (isClosed()) throw closedError();
      if (filter.after !== undefined) await found(filter.after);
      return store.listQuestions(filter);
    },

    async assign(questionId, assignee) {
      await found(questionId);
      if (!(await store.assign(questionId, assignee))) throw notOpen(questionId);
      return found(questionId);
    },

    async claim(questionId, userId) {
      const question = await found(questionId);
      checkMayAnswer(question, userId, mayAnswer);
      if (question.status !== 'open') throw notOpen(questionId);
      if (question.claimedBy === userId) return question;
      if (question.claimedBy !== undefined) throw claimed(question);
      if (!(await store.claimQuestion(questionId, null, userId))) {
        throw claimed(await found(questionId));
      }
      return found(questionId);
    },

    async release(questionId, userId) {
      const question = await found(questionId);
      if (question.claimedBy === undefined) return question;
      if (question.claimedBy !== userId) throw claimed(question);
      await store.claimQuestion(questionId, userId, null);
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

function notOpen(questionId: string): RequestError {
  return new RequestError('question_not_open', `Question "${questionId}" is not open.`);
}

function claimed(question: Question): RequestError {
  return question.status === 'open'
    ? new RequestError(
        'question_claimed',
        `Question "${question.id}" is claimed by "${question.claimedBy}".`,
      )
    : notOpen(question.id);
}
