/** Answers questions of a run: whoever answers, and by whatever right, comes through here. */

import type { Answer } from '../machines/vocabulary.ts';
import type { Core } from './core.ts';
import { checkDependencies } from './dependencies.ts';
import { agentNamed } from './effects/perform.ts';
import { closedError } from './engine.ts';
import { RequestError } from './errors.ts';
import { checkMayAnswer } from './inbox.ts';
import { type Answers, readAnswers } from './questions/answers.ts';
import { misfitsOf } from './questions/check-answer.ts';
import type { Question } from './questions/question.ts';
import { tokenInvalid } from './questions/refusals.ts';
import type { Answering } from './stores/answering.ts';
import type { RunRow } from './stores/rows.ts';
import { shortened } from './text.ts';

/** A run, by its tenant and id. */
export interface RunKey {
  readonly tenantId: string;
  readonly runId: string;
}

/**
 * Reads a run.
 *
 * @throws RequestError `run_not_found`, `runtime_closed`
 */
export async function foundRun(core: Core, { tenantId, runId }: RunKey): Promise<RunRow> {
  if (core.isClosed()) throw closedError();
  const row = await core.store.runOf(tenantId, runId);
  if (!row) throw new RequestError('run_not_found', `There is no run "${shortened(runId)}".`);
  return row;
}

/**
 * Closes questions with their answers; what was answered the same way before is left as it is.
 *
 * @returns the run as it was before
 */
export async function answerRun(
  core: Core,
  key: RunKey,
  answers: Answers,
  answering: Answering,
): Promise<RunRow> {
  const { store, takeUp, engine, dependencies } = core;
  const { tenantId, runId } = key;
  // A second try only after one of the questions was closed in between, or has expired.
  for (;;) {
    await takeUp.admit(await foundRun(core, key));
    const row = await foundRun(core, key);
    const questions = await store.questions(tenantId, runId);
    const isOpen = ({ id, status }: Question) => status === 'open' && id in answers;
    // Not told whether it was the same answer that somebody else gave meanwhile.
    if (answering.token !== undefined && !questions.some(isOpen)) throw tokenInvalid();
    const check = checkAgainst(core, questions, answering.by ?? undefined);
    const settled = await core.telemetry.whileAnswering(answers, () =>
      readAnswers(row, questions, answers, check),
    );
    if (settled.length === 0) return row;
    checkDependencies(row, dependencies);
    if (await store.answer(tenantId, runId, settled, answering)) return row;
    await engine.expireDue();
  }
}

/** What a question's tool demands of an answer beyond its fields. */
function checkAgainst(
  { agents, mayAnswer }: Core,
  questions: readonly Question[],
  userId: string | undefined,
) {
  return async (question: Question, answer: Answer | null) => {
    checkMayAnswer(question, userId, mayAnswer);
    if (answer === null) return [];
    const agent = agentNamed(agents, question.askedBy);
    const tool = agent?.tools.find(({ name }) => name === question.toolName);
    if (tool?.kind !== 'function') return [];
    const isFirst = questions.find(({ path }) => path === question.path)?.id === question.id;
    return misfitsOf(tool, question, answer, isFirst);
  };
}
