/** The person's side of a random run: answers in every order, rightly and wrongly, early and late. */
import assert from 'node:assert/strict';
import type { Answer } from '../../machines/vocabulary.ts';
import type { Question, RequestError, Run } from '../../src/index.ts';
import { inOrder, otherValuesFor, valuesFor, wrongAnswers } from './answers.ts';
import { isOver, type SavedRows } from './saved-rows.ts';
import type { Action, Mistake } from './schedules.ts';
import type { Outcome, World } from './world.ts';

type Values = Readonly<Record<string, Answer>>;

/** Refusals of answers that came too late, by the status of their question. */
const lateRefusals: Readonly<Record<string, readonly string[]>> = {
  answered: ['answer_conflict'],
  expired: ['question_expired'],
  cancelled: ['question_not_open', 'run_finished'],
};

export class Client {
  readonly #world: World;
  /** The values that were sent for a question and may have been taken, by its id. */
  readonly #sent = new Map<string, Answer[]>();
  /** The values that were taken, as the client was told. */
  readonly #taken = new Map<string, Answer>();

  constructor(world: World) {
    this.#world = world;
  }

  async answer(action: Extract<Action, { do: 'answer' }>): Promise<void> {
    const { which, together, seed } = action;
    const open = await this.#questions('open');
    const [first] = rotated(open, seed);
    if (!first) return;
    const some = open.filter((_, index) => (seed >> index) % 2 === 1);
    const chosen = which === 'one' ? [first] : rotated(which === 'some' ? some : open, seed);
    const values = chosen.map((one, index) => [one.id, valuesFor(one, seed + index)] as const);
    const batches = together ? [values] : values.map((one) => [one]);
    for (const batch of batches) await this.#resume(open, Object.fromEntries(batch));
  }

  /** Answers whatever is open so that it goes on. False if nothing was. */
  async answerAll(seed: number): Promise<boolean> {
    const open = await this.#questions('open');
    const values = open.map((one, index) => [one.id, valuesFor(one, seed + index)] as const);
    await this.#resume(open, Object.fromEntries(values));
    return open.length > 0;
  }

  async answerWrongly(mistake: Mistake, seed: number): Promise<void> {
    const open = await this.#questions('open');
    const [question] = rotated(open, seed);
    if (!question) return;
    const wrong = wrongAnswers(question, open, mistake, seed);
    const before = this.#world.rows();
    const outcome = await this.#world.ask((runtime) => runtime.resume(question.runId, wrong));
    const after = this.#world.rows();
    assert.deepEqual(answersIn(after), answersIn(before), 'a refused answer writes nothing');
    if (!outcome) return;
    assert.ok('error' in outcome, `a wrong answer (${mistake}) was taken`);
    const { code } = outcome.error;
    if (mistake === 'unknownQuestion') {
      assert.ok(['question_not_open', 'run_finished'].includes(code), code);
    } else if (code !== 'answer_invalid') {
      explain(outcome.error, Object.keys(wrong), after);
    }
  }

  async repeat(seed: number): Promise<void> {
    const [id, values] = rotated([...this.#taken], seed)[0] ?? [];
    const before = this.#world.rows();
    if (!id || !values || !before) return;
    const outcome = await this.#world.ask((runtime) => runtime.resume(before.id, { [id]: values }));
    assert.deepEqual(answersIn(this.#world.rows()), answersIn(before), 'a repeat writes nothing');
    if (outcome) assert.ok('value' in outcome, `a repeat was refused: ${refusalOf(outcome)}`);
  }

  async answerLate(seed: number): Promise<void> {
    const closed = (await this.#questions()).filter(({ status }) => status !== 'open');
    const [question] = rotated(closed, seed);
    if (!question) return;
    const values = { [question.id]: otherValuesFor(question, seed) };
    const before = answersIn(this.#world.rows());
    const outcome = await this.#world.ask((runtime) => runtime.resume(question.runId, values));
    assert.deepEqual(answersIn(this.#world.rows()), before, 'a late answer writes nothing');
    if (!outcome) return;
    assert.ok('error' in outcome, `a late answer to ${question.id} was taken`);
    const expected = lateRefusals[question.status] ?? [];
    assert.ok(expected.includes(outcome.error.code), `${question.status}: ${outcome.error.code}`);
  }

  async answerTwice(same: boolean, seed: number): Promise<void> {
    const open = await this.#questions('open');
    const [question] = rotated(open, seed);
    if (!question) return;
    const first = valuesFor(question, seed);
    const second = same ? first : otherValuesFor({ ...question, answer: first }, seed + 1);
    const outcomes = await Promise.all(
      [first, second].map((values) => this.#resume(open, { [question.id]: values })),
    );
    const taken = outcomes.filter((one) => one && 'value' in one).length;
    const known = outcomes.filter((one) => one !== undefined).length;
    if (same && known === 2) assert.notEqual(taken, 1, 'of two equal answers one was refused');
    if (!same) assert.ok(taken <= 1, 'two different answers were taken');
  }

  async cancel(runId: string): Promise<void> {
    const outcome = await this.#world.ask((runtime) => runtime.cancel(runId));
    if (!outcome) return;
    if ('value' in outcome) assert.equal(outcome.value.status, 'cancelled');
    else assert.equal(outcome.error.code, 'run_finished');
  }

  /** Asserts that the saved answers are those that were sent, each for its own question. */
  checkAnswers({ questions }: SavedRows): void {
    for (const { id, status, answer } of questions) {
      const taken = this.#taken.get(id);
      if (taken) assert.equal(status, 'answered', `the answer to ${id} was taken, and is gone`);
      if (status !== 'answered') continue;
      const sent = taken ? [taken] : (this.#sent.get(id) ?? []);
      const texts = sent.map((one) => JSON.stringify(one));
      assert.ok(texts.includes(JSON.stringify(answer)), `${id} has an answer that nobody gave`);
    }
  }

  async #resume(open: readonly Question[], values: Values): Promise<Outcome<Run>> {
    const runId = open[0]?.runId ?? this.#world.rows()?.id ?? '';
    for (const question of open) {
      const given = values[question.id];
      if (!given) continue;
      const sent = this.#sent.get(question.id) ?? [];
      this.#sent.set(question.id, [...sent, inOrder(question, given)]);
    }
    const outcome = await this.#world.ask((runtime) => runtime.resume(runId, values));
    if (!outcome) return outcome;
    if ('error' in outcome) {
      explain(outcome.error, Object.keys(values), this.#world.rows());
      return outcome;
    }
    checkRun(outcome.value);
    for (const question of open) {
      const given = values[question.id];
      if (given) this.#taken.set(question.id, inOrder(question, given));
    }
    return outcome;
  }

  async #questions(status?: Question['status']): Promise<readonly Question[]> {
    const filter = { limit: 200, ...(status ? { status } : {}) };
    const outcome = await this.#world.ask((runtime) => runtime.questions(filter));
    return outcome && 'value' in outcome ? outcome.value : [];
  }
}

/** Asserts that a run which was waited for has settled. */
export function checkRun(run: Run): void {
  assert.notEqual(run.status, 'working', 'a run was returned that still works');
  if (run.status === 'input_required') assert.notEqual(run.questions.length, 0, 'nobody is asked');
}

/** Asserts that an answer that fits was refused because one of its questions is closed. */
function explain(error: RequestError, ids: readonly string[], rows: SavedRows | undefined): void {
  assert.ok(rows, 'there is no run to refuse an answer for');
  const asked = rows.questions.filter(({ id }) => ids.includes(id));
  const reasons = asked.flatMap(({ status }) => lateRefusals[status] ?? []);
  const allowed = isOver(rows) ? [...reasons, 'run_finished'] : reasons;
  assert.ok(allowed.includes(error.code), `refused for no reason: ${error.code} ${error.message}`);
}

function refusalOf(outcome: Outcome<unknown>): string {
  return outcome && 'error' in outcome ? outcome.error.code : 'nothing';
}

function answersIn(rows: SavedRows | undefined): unknown {
  const answered = rows?.questions.filter(({ status }) => status === 'answered') ?? [];
  const events = rows?.inbox.filter(({ event }) => event.type === 'user.answered') ?? [];
  return [answered, events.map(({ key, event }) => [key, event])];
}

/** The list, begun at a place that the number says. */
function rotated<T>(list: readonly T[], seed: number): T[] {
  const at = list.length === 0 ? 0 : seed % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
