/**
 * The teams for AG-UI clients. Whatever goes wrong once a request is understood is told as the protocol
 * wants it, as `RUN_ERROR`; only a server that cannot serve for now answers with a problem document.
 */
import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type LogEvent, RequestError } from '../../src/index.ts';
import { historyOf } from '../agui/history.ts';
import { Projection } from '../agui/projection.ts';
import { type AguiEvent, protocolVersion } from '../agui/protocol.ts';
import { moveBy } from '../agui/read-input.ts';
import { UsageByModel } from '../agui/usage.ts';
import { type Conversation, type Moved, unfinished } from '../conversation.ts';
import { checkHistory } from '../json.ts';
import { checkTeam, stoppedShort, teamParam, toldOf, tried } from '../moving.ts';
import type { OpenRequests } from '../open-requests.ts';
import { about } from '../requests.ts';
import { newRouter, type Router } from '../router.ts';
import { type AguiInput, aguiCapabilities, aguiInput, aguiStream } from '../schemas/agui.ts';
import { json, jsonBody, problems, problemsWithBody } from '../schemas/problems.ts';
import { streamed } from '../stream.ts';
import type { ChatOptions } from './chat.ts';

const run = createRoute({
  method: 'post',
  path: '/agui/{team}',
  operationId: 'runAgui',
  tags: ['Front ends'],
  summary: 'Serves a team to AG-UI clients',
  description:
    "A thread is a session; what happens until the team pauses or ends is a run of AG-UI. Questions are interrupts, and `resume` answers them all. The client's history is not believed: only what is new in it is taken. What is said beside answers is taken after them, in the same run of AG-UI; if it cannot be, a `CUSTOM` event `message_refused` tells why. Results come whole. `MESSAGES_SNAPSHOT` has the newest runs, at most 200, up to 1,048,576 characters, and of a run that is longer all but its oldest results; older messages that the client sends stay in it.",
  middleware: [checkHistory],
  request: { params: teamParam, ...jsonBody(aguiInput) },
  responses: {
    200: { description: 'The events.', content: { 'text/event-stream': { schema: aguiStream } } },
    ...problemsWithBody(
      'team_not_found',
      'too_many_tenant_runs',
      'too_many_runs',
      'too_many_streams',
      'store_busy',
    ),
  },
});

const capabilities = createRoute({
  method: 'get',
  path: '/agui/capabilities',
  operationId: 'getAguiCapabilities',
  tags: ['Front ends'],
  summary: 'Tells AG-UI clients what the teams can do',
  responses: { 200: json('What the teams can do.', aguiCapabilities), ...problems() },
});

export function aguiRoutes(open: OpenRequests, { dependencies = [] }: ChatOptions): Router {
  const app = newRouter();

  app.openapi(capabilities, (c) => {
    return c.json(
      {
        identity: { name: 'Cadenza', type: 'cadenza' },
        transport: { streaming: true, resumable: true },
        tools: { supported: true, clientProvided: false },
        state: { snapshots: true, deltas: false, persistentState: true },
        multiAgent: {
          supported: true,
          delegation: true,
          handoffs: false,
          subagents: c.get('runtime').teams.map((name) => ({ name })),
        },
        humanInTheLoop: {
          supported: true,
          approvals: true,
          interrupts: true,
          approveWithEdits: true,
        },
      },
      200,
    );
  });

  app.openapi(run, async (c) => {
    const { team } = c.req.valid('param');
    const runtime = c.get('runtime');
    checkTeam(runtime, team);
    const input = c.req.valid('json');
    const conversation = { runtime, sessionId: input.threadId, team };
    open.checkStream(c);
    // Before the first byte: the run goes on whether or not anybody reads.
    const moved = await tried(() => moveBy(conversation, input, dependencies));
    if (!(moved instanceof RequestError)) about(c, moved.run);
    const stop = new AbortController();
    const frames = framesOf(eventsOf(c, conversation, input, moved, stop.signal));
    return streamed(c, frames, stop, open) as never;
  });

  return app;
}

async function* framesOf(events: AsyncIterable<AguiEvent>) {
  for await (const event of events) yield `data: ${JSON.stringify(event)}\n\n`;
}

async function* eventsOf(
  c: Context,
  conversation: Conversation,
  input: AguiInput,
  moved: Moved | RequestError,
  signal: AbortSignal,
): AsyncGenerator<AguiEvent> {
  const { threadId, runId } = input;
  yield { type: 'RUN_STARTED', threadId, runId, protocolVersion };
  try {
    if (moved instanceof RequestError) {
      yield* standing(conversation, signal);
      throw moved;
    }
    if (moved.refused) {
      // No RUN_ERROR: after one, clients take the questions that were answered for open.
      const { code, message } = toldOf(c, moved.refused);
      yield { type: 'CUSTOM', name: 'message_refused', value: { code, message } };
    }
    yield* told(conversation, input, moved, signal);
  } catch (error) {
    yield errorOf(c, error);
  }
}

/** What a run brings until it pauses or ends, and then those that were queued behind it. */
async function* told(
  conversation: Conversation,
  input: AguiInput,
  moved: Moved,
  signal: AbortSignal,
): AsyncGenerator<AguiEvent> {
  const usage = new UsageByModel();
  for (let next = moved; ; ) {
    const { end, isOver } = yield* toldOne(conversation, input, next, usage, signal);
    const behind = isOver ? await unfinished(conversation) : undefined;
    if (!behind || behind.id === next.run.id) {
      yield end;
      return;
    }
    next = { run: behind, isRejoined: behind.lastSeq > 0 };
  }
}

async function* toldOne(
  conversation: Conversation,
  { runId, tools = [], protocolVersion: version, messages: held }: AguiInput,
  { run, isRejoined }: Moved,
  usage: UsageByModel,
  signal: AbortSignal,
): AsyncGenerator<AguiEvent, { readonly end: AguiEvent; readonly isOver: boolean }> {
  const { runtime } = conversation;
  const offered = new Set(tools.map(({ name }) => name));
  const isOld = version === undefined;
  const projection = new Projection({ run, runId, after: run.lastSeq, offered, isOld }, usage);
  const messages = async (): Promise<AguiEvent> => {
    return { type: 'MESSAGES_SNAPSHOT', messages: await historyOf(conversation, run, held) };
  };
  let last: LogEvent | undefined;
  let isBehind = isRejoined;
  const following = { until: 'settled', wholeResults: true, signal } as const;
  for await (const event of runtime.events(run.id, following)) {
    yield* projection.take(event);
    last = event;
    if (!isBehind || event.seq < run.lastSeq) continue;
    isBehind = false;
    yield projection.snapshot();
    yield await messages();
  }
  const end = last && projection.outcome(last);
  if (!end) throw stoppedShort(await runtime.get(run.id));
  const isPause = last?.type === 'run.paused';
  if (isPause || projection.hasStale) yield await messages();
  return { end, isOver: end.type === 'RUN_FINISHED' && !isPause };
}

/** What waits for the person: a client that was refused something may not know of it. */
async function* standing(
  { runtime, sessionId, team }: Conversation,
  signal: AbortSignal,
): AsyncGenerator<AguiEvent> {
  const [run] = await runtime.list({ sessionId, team, status: 'input_required', limit: 1 });
  if (!run) return;
  const after = Number.POSITIVE_INFINITY;
  const projection = new Projection({ run, runId: '', after, offered: new Set(), isOld: false });
  for await (const event of runtime.events(run.id, { until: 'settled', signal })) {
    projection.take(event);
  }
  yield projection.snapshot();
}

function errorOf(c: Context, error: unknown): AguiEvent {
  const { code, message, errors } = toldOf(c, error);
  return {
    type: 'RUN_ERROR',
    message,
    code,
    ...(errors.length > 0 ? { metadata: { errors } } : {}),
  };
}
