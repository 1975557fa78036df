/**
 * Drives the server with the published AG-UI clients. Every event is read by the protocol's own schema,
 * and the clients check the order; that a stream came to its end is checked here, because the clients
 * take a cut one for finished.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { HttpAgent } from '@ag-ui/client';
import { HttpAgent as OldHttpAgent } from '@ag-ui/client-0-0-59';
import { EventSchema } from '@ag-ui/core/schemas';
import type { Turn } from '../../src/testing/index.ts';
import { serveRuntime } from './local-server.ts';
import { type PausingRuntime, pausingRuntime } from './pauses.ts';
import { ask, delegate } from './turns.ts';

type Scripts = Readonly<Record<string, readonly Turn[]>>;

/** A member that asks one thing, and a leader that reports it. */
export const asking: Scripts = {
  Desk: [[delegate('c1', 'A')], 'Noted: Rome.'],
  A: [[ask('g', 'city')], 'It is Rome.'],
};

/** Two members that ask at once. */
export const both: Scripts = {
  Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
  A: [[ask('g', 'city')], 'A RESULT'],
  B: [[ask('g', 'day')], 'B RESULT'],
};

/** The newest run. */
export async function latest({ runtime }: PausingRuntime) {
  const [run] = await runtime.list({ limit: 1 });
  assert.ok(run);
  return run;
}

export const clients = { '1.0.0': HttpAgent, '0.0.59': OldHttpAgent } as const;

export type ClientVersion = keyof typeof clients;

export interface Interrupt {
  readonly id: string;
  readonly reason: string;
  readonly message: string;
  readonly toolCallId: string;
  readonly subagentRunId?: string;
  readonly responseSchema: {
    readonly properties: Readonly<Record<string, { readonly title?: string }>>;
    readonly required?: readonly string[];
  };
  readonly expiresAt?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface AguiEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface Message {
  readonly id: string;
  readonly role: string;
  readonly content?: string;
  readonly toolCallId?: string;
  readonly toolCalls?: readonly { readonly id: string }[];
}

/** What the clients have in common, as far as it is used. */
interface Agent {
  messages: Message[];
  readonly state: Readonly<Record<string, unknown>>;
  addMessage(message: Message): void;
  runAgent(parameters: object): Promise<unknown>;
}

export interface Entry {
  readonly interruptId: string;
  readonly status: 'resolved' | 'cancelled';
  readonly payload?: unknown;
}

/** One run as the client saw it. */
export interface SeenRun {
  readonly events: readonly AguiEvent[];
  readonly types: readonly string[];
  /** RUN_FINISHED or RUN_ERROR. */
  readonly last: AguiEvent;
  /** Of the outcome. */
  readonly interrupts: readonly Interrupt[];
}

export interface Thread {
  readonly agent: Agent;
  /** Says something and sees the run to its pause or end. */
  say(text: string): Promise<SeenRun>;
  resume(...entries: readonly Entry[]): Promise<SeenRun>;
  /** Runs with what the client has, and whatever else is given. */
  run(more?: object): Promise<SeenRun>;
}

/** A client of a thread that knows nothing of it yet. */
export function joinThread(
  url: string,
  threadId: string,
  version: ClientVersion = '1.0.0',
): Thread {
  let raw: Promise<string> | undefined;
  const spied: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    raw = response.clone().text();
    return response;
  };
  const Client = clients[version];
  const agent = new Client({ url, threadId, fetch: spied }) as unknown as Agent;
  const run = async (more: object = {}) => {
    raw = undefined;
    await agent.runAgent(more);
    if (!raw) throw new Error('The client asked for nothing.');
    return seenIn(await raw);
  };
  let said = 0;
  return {
    agent,
    run,
    resume: (...entries) => run({ resume: entries }),
    say: (text) => {
      said += 1;
      agent.addMessage({ id: `u${said}-${threadId}`, role: 'user', content: text });
      return run();
    },
  };
}

/** A payload for an interrupt. */
export function resolved({ id }: Interrupt, payload: unknown): Entry {
  return { interruptId: id, status: 'resolved', payload };
}

/** The one interrupt of a run that paused. */
export function onlyInterrupt({ interrupts, last }: SeenRun): Interrupt {
  const [one] = interrupts;
  assert.ok(one && interrupts.length === 1, JSON.stringify(last));
  return one;
}

/** Serves the pausing team to AG-UI clients. */
export async function aguiDesk(
  t: TestContext,
  agents: Readonly<Record<string, readonly Turn[]>>,
  deadlineMs = 60_000,
) {
  const kit = await pausingRuntime(t, agents, { tools: { deadlineMs } });
  return { kit, url: `${await serveRuntime(t, kit.runtime)}/agui/Desk` };
}

function seenIn(text: string): SeenRun {
  assert.ok(!text.includes('\r'), 'frames end with line feeds');
  const frames = text.split('\n\n').filter((frame) => frame.startsWith('data: '));
  const events = frames.map((frame) => JSON.parse(frame.slice('data: '.length)) as AguiEvent);
  for (const event of events) EventSchema.parse(event);
  const last = events.at(-1);
  assert.equal(events[0]?.type, 'RUN_STARTED');
  assert.ok(last && ['RUN_FINISHED', 'RUN_ERROR'].includes(last.type), `${last?.type} came last`);
  assert.equal(last.type === 'RUN_ERROR' || last['runId'] === events[0]?.['runId'], true);
  const { interrupts = [] } = Object(last['outcome']);
  return { events, types: events.map(({ type }) => type), last, interrupts };
}
