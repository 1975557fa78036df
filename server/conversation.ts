/**
 * Conversations as front ends know them that keep the history themselves and send all of it: what they
 * say anew is taken from it, and the rest is not believed. A conversation is a session with one team.
 */
import {
  type Question,
  RequestError,
  type Run,
  shortened,
  type TenantRuntime,
} from '../src/index.ts';

export interface Conversation {
  readonly runtime: TenantRuntime;
  readonly sessionId: string;
  readonly team: string;
}

/** Values for a question; null if the person walked away from it, which declines it. */
export interface Given {
  readonly questionId: string;
  readonly values: Readonly<Record<string, unknown>> | null;
}

/** A run that was moved. */
export interface Moved {
  /** What the front end has not seen begins after `lastSeq`. */
  readonly run: Run;
  /** Whether the front end may have missed what was said before. */
  readonly isRejoined: boolean;
  /** Why what was said together with the answers could not be taken. */
  readonly refused?: RequestError;
}

/**
 * Joins the conversation where it stands: its run that is not over, or its last one.
 *
 * @throws RequestError `message_invalid` if nothing was said yet
 */
export async function joinLast(conversation: Conversation): Promise<Moved> {
  const { runtime, sessionId, team } = conversation;
  const [last] = await runtime.list({ sessionId, team, limit: 1 });
  const run = (await unfinished(conversation)) ?? last;
  if (run) return rejoin(runtime, run);
  throw new RequestError('message_invalid', 'Nothing was said yet. Send a message of the user.');
}

/** Joins a run of the conversation where it stands. */
export async function joinRun({ runtime }: Conversation, runId: string): Promise<Moved> {
  return rejoin(runtime, await runtime.get(runId));
}

export async function rejoin(runtime: TenantRuntime, run: Run): Promise<Moved> {
  const isStalled = run.status === 'working' && run.stalled !== undefined;
  // Whoever comes back to it wants it to go on.
  const now = isStalled ? await runtime.resume(run.id, {}, { wait: false }) : run;
  return { run: now, isRejoined: true };
}

/**
 * Answers all open questions of a run together. The same answers again cause nothing, nor does declining
 * what expired or was cancelled.
 *
 * @throws RequestError `question_not_found`; `answer_invalid` if an open question has no answer; and
 *   what `resume` throws
 */
export async function answerAll(
  conversation: Conversation,
  given: readonly Given[],
): Promise<Moved> {
  const { runtime } = conversation;
  const questions = await questionsOf(conversation);
  const about = given.map(({ questionId }) => named(questions, questionId));
  const runId = runOf(about);
  const isNew = about.some(({ status }) => status === 'open');
  if (isNew) checkComplete(questions, runId, given);
  // Front ends walk away from what is past, and know no other way on.
  const isPast = (id: string) => ['expired', 'cancelled'].includes(named(questions, id).status);
  const answers = Object.fromEntries(
    given.flatMap(({ questionId, values }) =>
      values === null && isPast(questionId) ? [] : [[questionId, values]],
    ),
  );
  const moved = await runtime.resume(runId, answers, { wait: false });
  return { run: moved, isRejoined: !isNew };
}

/** Every question of a conversation, oldest first. */
export async function questionsOf({ runtime, sessionId, team }: Conversation) {
  const all: Question[] = [];
  for (let after: string | undefined; ; ) {
    const page = await runtime.questions({
      sessionId,
      team,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page);
    if (page.length < pageSize) return all;
    after = page.at(-1)?.id;
  }
}

/** The runs of a conversation, newest first, read as they are asked for. */
export async function* runsOf({
  runtime,
  sessionId,
  team,
}: Conversation): AsyncGenerator<Run, void, undefined> {
  const limit = 20;
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await runtime.list({ sessionId, team, limit, ...from });
    yield* page;
    if (page.length < limit) return;
    after = page.at(-1)?.id;
  }
}

/** The run that waits for the person or is at work; of those that wait for each other, the first. */
export async function unfinished({
  runtime,
  sessionId,
  team,
}: Conversation): Promise<Run | undefined> {
  const [paused] = await runtime.list({ sessionId, team, status: 'input_required', limit: 1 });
  if (paused) return paused;
  const working = await runtime.list({ sessionId, team, status: 'working', limit: pageSize });
  return working.at(-1);
}

const pageSize = 200;

function named(questions: readonly Question[], id: string): Question {
  const found = questions.find((question) => question.id === id);
  if (found) return found;
  throw new RequestError(
    'question_not_found',
    `The conversation has no question "${shortened(id)}". Nothing was answered.`,
  );
}

function runOf(questions: readonly Question[]): string {
  const [first] = questions;
  const isOne = questions.every(({ runId }) => runId === first?.runId);
  if (first && isOne && new Set(questions).size === questions.length) return first.runId;
  throw new RequestError(
    'answer_ambiguous',
    'Answer each question once, and those of one run only. Nothing was answered.',
  );
}

function checkComplete(questions: readonly Question[], runId: string, given: readonly Given[]) {
  const missing = questions.filter(({ id, runId: run, status }) => {
    return run === runId && status === 'open' && !given.some(({ questionId }) => questionId === id);
  });
  if (missing.length === 0) return;
  const names = missing.map(({ id }) => `"${id}"`).join(', ');
  throw new RequestError(
    'answer_invalid',
    `Answer all open questions together: ${names} ${missing.length > 1 ? 'have' : 'has'} no answer. Nothing was answered.`,
  );
}
