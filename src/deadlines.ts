/**
 * Closes questions whose time is over. One timer for all of them; the times lie in the store, so a
 * restart neither loses nor prolongs them.
 */

import type { Answer } from '../machines/vocabulary.ts';
import { fieldsFor, readAnswer } from './questions/fields.ts';
import type { Question } from './questions/question.ts';
import { expiredResult, settlementOf } from './questions/settle.ts';
import type { RunEvent } from './stores/events.ts';
import type { Store } from './stores/store.ts';
import type { TakeUp } from './take-up.ts';

/** Node's timers cannot wait longer. */
const longestMs = 2_147_483_647;

/** When to look again if the store could not be asked, in milliseconds. */
const againMs = 1_000;

export class Deadlines {
  readonly #store: Store;
  readonly #takeUp: TakeUp;
  readonly #expired: (runId: string) => void;
  readonly #report: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `expired` is told of each run that has an event waiting. */
  constructor(
    store: Store,
    takeUp: TakeUp,
    expired: (runId: string) => void,
    report: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#takeUp = takeUp;
    this.#expired = expired;
    this.#report = report;
  }

  /** Looks for questions whose time is over, and sets the timer for the next one. */
  async look(): Promise<void> {
    this.#lookIn(againMs);
    if (this.#closed) return;
    const { questions, nextAt } = await this.#store.expiring(this.#takeUp.leftAlone);
    for (const question of questions) {
      if (!(await this.#takeUp.admits(question.runId))) continue;
      const answer = defaultAnswer(question);
      const event = expiryOf(question, answer);
      if (await this.#store.expire(question.id, event, answer)) this.#expired(question.runId);
    }
    if (questions.length > 0) this.#lookIn(0);
    else if (nextAt === null) clearTimeout(this.#timer);
    else this.#lookIn(Math.max(0, nextAt - Date.now()));
  }

  #lookIn(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.lookSoon(), Math.min(waitMs, longestMs)).unref();
  }

  /** Looks without anybody waiting for it. */
  lookSoon(): void {
    this.look().catch((error: unknown) => this.#report(error));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}

/** The answer that was given beforehand; null if there is none, or the question is another now. */
function defaultAnswer(question: Question): Answer | null {
  if (typeof question.onExpiry !== 'object') return null;
  const names = new Set(question.fields.map(({ name }) => name));
  const given = Object.entries(question.onExpiry.answer).filter(([name]) => names.has(name));
  const values = Object.fromEntries(given);
  const read = readAnswer(fieldsFor(question, values), values);
  return 'answer' in read ? read.answer : null;
}

/** What happens to the call, or to the run, when nobody answered in time. */
function expiryOf(question: Question, answer: Answer | null): RunEvent {
  const { id: questionId, path: call, onExpiry, askedBy, toolName } = question;
  if (onExpiry === 'fail') {
    const message = `Nobody answered the question of "${askedBy}" about "${toolName}" in time.`;
    return { type: 'run.failed', failure: { code: 'question_expired', message } };
  }
  const settlement = answer
    ? settlementOf(question, answer, question.runsTool)
    : ({ unlocksTool: false, result: expiredResult } as const);
  const result = settlement.unlocksTool ? {} : { result: settlement.result };
  return { type: 'question.expired', call, questionId, ...result };
}
