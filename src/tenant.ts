/** The runtime of one tenant: nothing of another one is there for it. */

import { tokenMaker } from './answer-tokens.ts';
import type { Core } from './core.ts';
import { closedError } from './engine.ts';
import { type Known, known } from './identity.ts';
import { createInbox, foundQuestion } from './inbox.ts';
import { createLists } from './lists.ts';
import { checkPlace } from './log-readers.ts';
import type { Started } from './once.ts';
import { finished } from './questions/refusals.ts';
import { answerRun, foundRun } from './resume.ts';
import { type Run, readRun } from './run.ts';
import type { TenantRuntime } from './runtime-types.ts';
import { createInSession, newRun } from './start.ts';
import { createView } from './view.ts';

/**
 * A core as an identity sees it.
 *
 * @param started the request whose run `start` starts, if it has a key
 */
export function tenantRuntime(core: Core, me: Known, started?: Started): TenantRuntime {
  const { store, engine, takeUp, callers } = core;
  const { tenantId } = me;
  const found = (runId: string) => foundRun(core, { tenantId, runId });

  /** Lets a run go on, and tells how it stands: its events go on after `lastSeq`. */
  async function begun(runId: string, lastSeq: number): Promise<Run> {
    const run = await readRun(store, await found(runId));
    callers.letGoOn(runId);
    return { ...run, lastSeq };
  }

  const moved = (runId: string, wait: boolean, lastSeq: number) =>
    wait ? callers.whenSettled(runId) : begun(runId, lastSeq);

  const runtime: TenantRuntime = {
    teams: [...core.agents.keys()],
    definitions: Object.freeze([...core.agents.values()]),
    ...createInbox(core, me),
    ...createLists(core, me),
    ...createView(core, me),
    ...tokenMaker(core, me, (questionId) => foundQuestion(core, me, questionId)),

    async start(options) {
      if (core.isClosed()) throw closedError();
      const { wait = true } = options;
      if (started?.run) return moved(started.run.runId, wait, started.run.logLength);
      const { run, agent } = await newRun(options, me, core);
      // Guards may have taken their time.
      if (core.isClosed()) throw closedError();
      const policy = options.whilePaused ?? agent.whilePaused;
      const also = { request: started?.request, joined: options.joined ?? [] };
      const create = (whilePaused: 'refuse' | 'queue') => store.createRun(run, whilePaused, also);
      return callers.start(
        { tenantId, runId: run.id },
        () => createInSession(create, policy, (runId) => runtime.cancel(runId)),
        (before) => (before ? moved(before.id, wait, before.logLength) : moved(run.id, wait, 0)),
      );
    },

    async resume(runId, answers, { userId = me.userId, wait = true } = {}) {
      if (userId !== undefined) known({ userId });
      const before = started?.run?.runId === runId ? started.run : undefined;
      // Before it is refused: a refusal may be kept too.
      if (started) started.note({ runId, logLength: (await found(runId)).logLength });
      const answering = { by: userId ?? null };
      const row = await answerRun(core, { tenantId, runId }, answers, answering);
      if (Object.keys(answers).length === 0 && !before) await engine.retry(runId);
      return moved(runId, wait, before?.logLength ?? row.logLength);
    },

    async *events(runId, following = {}) {
      checkPlace(await found(runId), following);
      yield* core.readers.follow({ tenantId, runId }, following, engine);
    },

    async cancel(runId) {
      const row = await found(runId);
      started?.note({ runId, logLength: row.logLength });
      if (row.status === 'completed' || row.status === 'failed') throw finished(row);
      await store.cancel(tenantId, runId, await takeUp.isBeyond(row));
      const now = await engine.settled(runId);
      if (now.status === 'completed' || now.status === 'failed') throw finished(now);
      return callers.whenSettled(runId);
    },

    async once(request, respond) {
      if (core.isClosed()) throw closedError();
      const answer = core.requests.once(me, request, (tied) =>
        respond(tenantRuntime(core, me, tied)),
      );
      return callers.awaited(answer);
    },
  };
  return runtime;
}
