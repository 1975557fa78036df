/** What the outside world may tell a run: every event, for every actor, in every state. */
import type { AgentEvent } from '../../machines/agent.ts';
import type { ToolCallEvent } from '../../machines/tool-call.ts';
import { type Path, type PlannedCall, pathOf } from '../../machines/vocabulary.ts';
import type { SeenActor, Tree } from './tree.ts';

/** What the model of an agent may reply: every subset of some calls, and none of them. */
export interface Replies {
  readonly calls: readonly PlannedCall[];
  /** Each subset of calls is replied as one whose report is routed, too. */
  readonly routes?: boolean;
}

/** The replies of each agent of a team, by the agent's path. */
export type Menu = Readonly<Record<Path, Replies>>;

export interface Sent {
  readonly type: 'sent';
  readonly to: { readonly kind: SeenActor['kind']; readonly path: Path };
  readonly event: AgentEvent | ToolCallEvent;
}

/**
 * Every event from outside, for every actor that may exist, whatever state it is in: most are
 * strays most of the time. What actors send each other (`call.waits`, `member.paused`) comes from
 * actors only.
 */
export function everyEvent(menu: Menu): Sent[] {
  return Object.entries(menu).flatMap(([path, replies]) => [
    ...everyReply(replies).map((event) => toAgent(path, event)),
    ...endings.map((event) => toAgent(path, event)),
    ...replies.calls.flatMap(({ id }) => toCall(pathOf(path, id))),
  ]);
}

const endings = [
  { type: 'model.failed' },
  { type: 'run.failed' },
  { type: 'run.cancelled' },
] as const satisfies AgentEvent[];

type Reply = Extract<AgentEvent, { type: 'model.replied' }>;

function reply(calls: readonly PlannedCall[], verdict: Partial<Reply> = {}): Reply {
  return { type: 'model.replied', calls, corrected: false, routes: false, ...verdict };
}

/** A reply with calls is never corrected by the runtime; the charts hold even if it were. */
function everyReply({ calls, routes = false }: Replies): Reply[] {
  const some = subsets(calls);
  return [
    ...some.map((these) => reply(these)),
    ...(routes ? some.map((these) => reply(these, { routes })) : []),
    reply([], { corrected: true }),
    reply(calls, { corrected: true }),
  ];
}

function toAgent(path: Path, event: AgentEvent): Sent {
  return { type: 'sent', to: { kind: 'agent', path }, event };
}

function toCall(path: Path): Sent[] {
  const events: ToolCallEvent[] = [
    { type: 'tool.finished' },
    { type: 'tool.asked' },
    { type: 'tool.outcomeUnknown' },
    { type: 'user.answered', unlocksTool: true },
    { type: 'user.answered', unlocksTool: false },
    { type: 'question.expired', unlocksTool: true },
    { type: 'question.expired', unlocksTool: false },
    { type: 'run.cancelled' },
  ];
  return events.map((event) => ({ type: 'sent', to: { kind: 'toolCall', path }, event }));
}

/**
 * An event for an actor that is gone never reaches a chart. To an agent that does not think, the
 * report and the full reply are strays enough: offering each partial reply would double the steps.
 */
export function isWorthSending({ to, event }: Sent, tree: Tree, menu: Menu): boolean {
  const actor = tree.find(to.kind, to.path);
  if (event.type !== 'model.replied' || actor?.state === 'thinking') return actor !== undefined;
  const whole = [0, menu[to.path]?.calls.length].includes(event.calls.length);
  return actor !== undefined && whole && !event.routes;
}

function subsets<T>(items: readonly T[]): T[][] {
  const all: T[][] = [[]];
  for (const item of items) all.push(...all.map((some) => [...some, item]));
  return all;
}
