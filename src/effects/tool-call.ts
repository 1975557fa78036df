/** Prepares a tool for its run: what the person said of the call, the session, and the context. */
import type { Answer } from '../../machines/vocabulary.ts';
import type { Agent } from '../define/agent.ts';
import type { Session } from '../define/session.ts';
import type { FunctionTool, ToolContext } from '../define/tool.ts';
import { InvariantError } from '../errors.ts';
import { userValues } from '../questions/check-answer.ts';
import { timesOf } from '../questions/drafts.ts';
import { argumentsHash } from '../questions/fields.ts';
import { toldOf } from '../questions/settle.ts';
import type { RunEvent, SessionChange } from '../stores/events.ts';
import type { Effect, RunRow, ToolCallRow } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import type { Watched } from '../telemetry/telemetry.ts';
import { runTool } from './run-tool.ts';

/** What a tool is run with. */
export interface ToolRun {
  readonly store: Store;
  readonly run: RunRow;
  readonly agent: Agent;
  readonly effect: Effect;
  readonly dependencies: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly report: (error: unknown) => void;
  readonly watched: Pick<Watched, 'isTool'>;
}

/** Runs the tool of a call, and returns what came of it as an event. */
export async function callTool(call: ToolRun): Promise<RunEvent> {
  const { store, run, agent, effect, report } = call;
  const row = await store.toolCall(effect.runId, effect.path);
  const tool = agent.tools.find(({ name }) => name === row?.name);
  if (!row || tool?.kind !== 'function') {
    throw new InvariantError(`There is no tool for call "${effect.path}".`);
  }
  call.watched.isTool(row.name, row.id);
  if (!isWhatWasAskedAbout(effect, row)) return notWhatWasAskedAbout(row, report);
  const said = saidOf(tool, row);
  const { session, change } = openSession(
    run.sessionId,
    await store.session(run.tenantId, run.sessionId),
  );
  const context = contextOf(call, row, said, session);
  const outcome = await runTool(tool, said.changed ?? JSON.parse(row.arguments), context, report);
  if ('question' in outcome) {
    const question = { ...timesOf(tool), ...outcome.question };
    return { type: 'tool.asked', call: effect.path, session: change(), question };
  }
  const { result, kept } = outcome;
  const told = toldOf(said.changed, result);
  const changed = kept ? change() : {};
  return { type: 'tool.finished', call: effect.path, session: changed, result: told };
}

/** What was approved is what runs: the text of the arguments is the one that was asked about. */
function isWhatWasAskedAbout({ runId, path }: Effect, row: ToolCallRow): boolean {
  const hash = argumentsHash(runId, path, row.name, row.arguments);
  return row.questions.every((question) => question.argumentsHash === hash);
}

function notWhatWasAskedAbout({ name }: ToolCallRow, report: ToolRun['report']): RunEvent {
  const message = `The arguments of "${name}" are not those that were asked about, so it was not run.`;
  report(new InvariantError(message));
  return { type: 'run.failed', failure: { code: 'internal_error', message } };
}

/** What the person said of a call, in the questions that it asked. */
interface Said {
  readonly user: Record<string, unknown>;
  readonly changed: Answer[string] | undefined;
  readonly answers: readonly Answer[];
}

function saidOf(tool: FunctionTool, { questions }: ToolCallRow): Said {
  const all = questions.flatMap(({ reason, answer }) =>
    reason === 'outcome_unknown' || !answer ? [] : [{ reason, answer }],
  );
  const [first, ...rest] = all;
  const holds = first !== undefined && (first.reason === 'approval' || tool.askUser !== undefined);
  return {
    user: holds ? userValues(tool, first.answer) : {},
    changed: holds && first.reason === 'approval' ? first.answer['arguments'] : undefined,
    answers: (holds ? rest : all).map(({ answer }) => answer),
  };
}

function contextOf(call: ToolRun, row: ToolCallRow, said: Said, session: Session): ToolContext {
  const { run, effect, dependencies, signal } = call;
  return {
    signal,
    idempotencyKey: effect.id,
    runId: run.id,
    tenantId: run.tenantId,
    sessionId: run.sessionId,
    toolCallId: row.id,
    askedBy: effect.name,
    user: said.user,
    answers: said.answers,
    session,
    userId: run.userId ?? undefined,
    metadata: run.metadata,
    dependencies: Object.fromEntries(run.dependencies.map((name) => [name, dependencies[name]])),
  };
}

function openSession(
  id: string,
  state: Readonly<Record<string, unknown>>,
): { readonly session: Session; readonly change: () => SessionChange } {
  const changed = new Map<string, unknown>();
  return {
    session: Object.freeze({
      id,
      get: (key: string) => {
        if (changed.has(key)) return changed.get(key) ?? undefined;
        return Object.hasOwn(state, key) ? state[key] : undefined;
      },
      // Through JSON, so that what a tool reads back is what the next one will read.
      set: (key: string, value: unknown) => {
        changed.set(key, value === undefined ? null : JSON.parse(JSON.stringify(value)));
      },
    }),
    change: () => Object.fromEntries(changed),
  };
}
