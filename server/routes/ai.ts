/** The teams for front ends of the AI SDK, such as `useChat`. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type LogEvent, RequestError } from '../../src/index.ts';
import type { Chunk } from '../ai/chunk.ts';
import { Projection } from '../ai/projection.ts';
import { type ChatMove, moveBy } from '../ai/read-input.ts';
import type { Conversation } from '../conversation.ts';
import { checkHistory } from '../json.ts';
import { checkTeam, stoppedShort, teamParam, toldOf, tried } from '../moving.ts';
import type { OpenRequests } from '../open-requests.ts';
import { about } from '../requests.ts';
import { newRouter, type Router } from '../router.ts';
import { type AiInput, aiInput, aiStream } from '../schemas/ai.ts';
import { jsonBody, problems, problemsWithBody } from '../schemas/problems.ts';
import { streamed } from '../stream.ts';
import type { ChatOptions } from './chat.ts';

const chat = createRoute({
  method: 'post',
  path: '/ai/{team}',
  operationId: 'chatAi',
  tags: ['Front ends'],
  summary: 'Serves a team to chats of the AI SDK',
  description:
    'A chat is a session. A question is a tool part that waits for its output, or for an approval; its id is the id of the question, and a part `data-question` tells the rest. The messages that the chat sends are not believed: only what the last one answers, or what is said at their end, is taken. Results come whole. A message that comes again, also by `regenerate`, is told its run once more, unless that failed or was cancelled: nothing is done twice.',
  middleware: [checkHistory],
  request: { params: teamParam, ...jsonBody(aiInput) },
  responses: {
    200: { description: 'The chunks.', content: { 'text/event-stream': { schema: aiStream } } },
    ...problemsWithBody(
      'team_not_found',
      'too_many_tenant_runs',
      'too_many_runs',
      'too_many_streams',
      'store_busy',
    ),
  },
});

const rejoin = createRoute({
  method: 'get',
  path: '/ai/{team}/{id}/stream',
  operationId: 'rejoinAi',
  tags: ['Front ends'],
  summary: 'Joins the run of a chat that is at work',
  description:
    'What `useChat({ resume: true })` asks for when its page is loaded: the message of the run, from its first chunk on.',
  request: {
    params: teamParam.extend({
      id: z.string().openapi({ description: 'The id of the chat: the session.' }),
    }),
  },
  responses: {
    200: { description: 'The chunks.', content: { 'text/event-stream': { schema: aiStream } } },
    204: { description: 'No run of the chat is at work: it is over, or waits for the person.' },
    ...problems('team_not_found', 'too_many_streams'),
  },
});

export function aiRoutes(open: OpenRequests, { dependencies = [] }: ChatOptions): Router {
  const app = newRouter();
  app.openapi(chat, async (c) => {
    const { team } = c.req.valid('param');
    const runtime = c.get('runtime');
    checkTeam(runtime, team);
    const input = c.req.valid('json');
    const conversation = { runtime, sessionId: input.id, team };
    open.checkStream(c);
    // Before the first byte: the run goes on whether or not anybody reads.
    const move = await tried(() => moveBy(conversation, input, dependencies));
    if (!(move instanceof RequestError)) about(c, move.moved.run);
    return answered(c, conversation, input.messages, move, open) as never;
  });

  app.openapi(rejoin, async (c) => {
    const { team, id: sessionId } = c.req.valid('param');
    const runtime = c.get('runtime');
    checkTeam(runtime, team);
    const conversation = { runtime, sessionId, team };
    const [paused] = await runtime.list({ sessionId, team, status: 'input_required', limit: 1 });
    const [run] = await runtime.list({ sessionId, team, status: 'working', limit: 1 });
    if (paused || !run) return c.body(null, 204);
    open.checkStream(c);
    const move = { moved: { run: about(c, run), isRejoined: true } };
    return answered(c, conversation, [], move, open) as never;
  });
  return app;
}

function answered(
  c: Context,
  conversation: Conversation,
  messages: AiInput['messages'],
  move: ChatMove | RequestError,
  open: OpenRequests,
): Response {
  const stop = new AbortController();
  c.header('x-vercel-ai-ui-message-stream', 'v1');
  const frames = framesOf(chunksOf(c, conversation, messages, move, stop.signal));
  return streamed(c, frames, stop, open);
}

async function* framesOf(chunks: AsyncIterable<Chunk>) {
  for await (const chunk of chunks) yield `data: ${JSON.stringify(chunk)}\n\n`;
  yield 'data: [DONE]\n\n';
}

async function* chunksOf(
  c: Context,
  conversation: Conversation,
  messages: AiInput['messages'],
  move: ChatMove | RequestError,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  // Without an id, what follows belongs to the message that the client has already.
  const isNew = !(move instanceof RequestError) && move.left === undefined;
  yield { type: 'start', ...(isNew ? { messageId: move.moved.run.id } : {}) };
  try {
    if (move instanceof RequestError) {
      const place = messages.at(-1)?.role === 'user' ? messages.length : undefined;
      yield* askedAgain(conversation, place, signal);
      throw move;
    }
    yield* told(conversation, move, signal);
  } catch (error) {
    yield errorOf(c, error);
  }
}

async function* told(
  { runtime }: Conversation,
  { moved: { run }, left }: ChatMove,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  if (left !== undefined) yield { type: 'start-step' };
  const projection = new Projection(run.id, left);
  let last: LogEvent | undefined;
  const following = { until: 'settled', wholeResults: true, signal } as const;
  for await (const event of runtime.events(run.id, following)) {
    yield* projection.take(event);
    last = event;
  }
  const end = last && projection.end(last);
  if (!end) throw stoppedShort(await runtime.get(run.id));
  yield* end;
}

/** What waits for the person: the client took what it sent for an answer, and shows no form any more. */
async function* askedAgain(
  { runtime, sessionId, team }: Conversation,
  place: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const [run] = await runtime.list({ sessionId, team, status: 'input_required', limit: 1 });
  if (!run) return;
  const projection = new Projection(run.id);
  for await (const event of runtime.events(run.id, { until: 'settled', signal })) {
    projection.take(event);
  }
  yield* projection.questions(place);
}

function errorOf(c: Context, error: unknown): Chunk {
  return { type: 'error', errorText: toldOf(c, error).message };
}
