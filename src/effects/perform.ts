/**
 * Performs one effect: claims it, runs its body, and delivers what came of it as an event. The
 * claim is committed before the body begins, so a crash in between is always seen.
 */
import type { Agent } from '../define/agent.ts';
import { RequestError } from '../errors.ts';
import type { Effect, RunEvent, Store } from '../stores/store.ts';
import { callModel } from './call-model.ts';
import { runTool } from './run-tool.ts';

/** Told of errors that no caller waits for: a tool's, a model's, a bug's. */
export type ReportError = (
  error: unknown,
  where: { readonly runId: string; readonly effectId?: string },
) => void;

/** What effects are performed with. The signals tell their bodies to stop. */
export interface Performer {
  readonly store: Store;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly report: ReportError;
  readonly models: AbortSignal;
  readonly tools: AbortSignal;
}

/**
 * Performs an effect.
 *
 * @returns whether its event was delivered; false if the effect was cancelled or claimed elsewhere
 * @throws RequestError `team_unknown`, before the claim, if the code does not define its agent
 */
export async function perform(performer: Performer, pending: Effect): Promise<boolean> {
  const { store, agents } = performer;
  const agent = agentNamed(agents, pending.name);
  const effect = await store.claim(pending.id);
  if (!effect) return false;
  return store.deliver(effect, await outcomeOf(performer, effect, agent));
}

async function outcomeOf(performer: Performer, effect: Effect, agent: Agent): Promise<RunEvent> {
  const { store, models, tools } = performer;
  const { runId, sessionId, path, id, name: askedBy } = effect;
  const report = (error: unknown) => performer.report(error, { runId, effectId: id });
  if (effect.kind === 'callModel') return callModel(store, agent, effect, models, report);
  const call = await store.toolCall(runId, path);
  const tool = agent.tools.find((one) => one.name === call?.name);
  if (!call || tool?.kind !== 'function') {
    const result = `There is no tool "${call?.name}" any more.`;
    return { type: 'tool.finished', call: path, result };
  }
  const context = {
    signal: tools,
    idempotencyKey: id,
    runId,
    sessionId,
    toolCallId: call.id,
    askedBy,
  };
  const result = await runTool(tool, call.arguments, context, report);
  return { type: 'tool.finished', call: path, result };
}

/** The definition behind a name such as `OrchestratorTeam/WorkerAgent`. */
function agentNamed(agents: ReadonlyMap<string, Agent>, name: string): Agent {
  const [team = '', ...below] = name.split('/');
  const agent = below.reduce<Agent | undefined>(
    (leader, member) => leader?.members.find((one) => one.name === member),
    agents.get(team),
  );
  if (agent) return agent;
  throw new RequestError(
    'team_unknown',
    `There is no "${name}" among the teams that are served. What it was doing is kept.`,
  );
}
