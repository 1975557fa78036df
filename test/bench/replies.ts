/** The replies that the driver's benchmark is answered with, and a server of its own that sends them. */
import { createServer, type ServerResponse } from 'node:http';

/** The words of a reply that comes in one piece, and the pieces of one that is streamed. */
export const words = { whole: 40, streamed: 200 } as const;

const text = (count: number) => Array.from({ length: count }, (_, at) => `word${at} `).join('');

const usage = { input_tokens: 900, output_tokens: 200, total_tokens: 1_100 };

const chatHead = {
  id: 'chatcmpl-0123456789012345678901234567',
  created: 1_790_000_000,
  model: 'gpt-4o-mini',
  service_tier: 'default',
  system_fingerprint: 'fp_0123456789',
};

const chatUsage = { prompt_tokens: 900, completion_tokens: 200, total_tokens: 1_100 };

const message = (count: number) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', annotations: [], text: text(count) }],
});

const response = (count: number) => ({
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  error: null,
  output: [message(count)],
  usage,
});

function chatEvents(): string[] {
  const chunk = (delta: object, finish: string | null = null) => ({
    ...chatHead,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...Array.from({ length: words.streamed }, (_, at) => chunk({ content: `word${at} ` })),
    chunk({}, 'stop'),
    { ...chatHead, object: 'chat.completion.chunk', choices: [], usage: chatUsage },
  ];
  return [...chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`), 'data: [DONE]\n\n'];
}

function responsesEvents(): string[] {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: { ...response(0), status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...message(0), content: [] } },
    ...Array.from({ length: words.streamed }, (_, at) => ({
      type: 'response.output_text.delta',
      ...place,
      delta: `word${at} `,
      logprobs: [],
    })),
    { type: 'response.output_item.done', output_index: 0, item: message(words.streamed) },
    { type: 'response.completed', response: response(words.streamed) },
  ];
  return events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`);
}

const streams = { chat: chatEvents(), responses: responsesEvents() };

const completion = {
  ...chatHead,
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: text(words.whole) }, finish_reason: 'stop' },
  ],
  usage: chatUsage,
};

const wholes = {
  chat: JSON.stringify(completion),
  responses: JSON.stringify(response(words.whole)),
};

/** Each event is a chunk of its own, as models write. */
function sendEvents(outgoing: ServerResponse, events: readonly string[], at = 0): void {
  const event = events[at];
  if (event === undefined) {
    outgoing.end();
    return;
  }
  outgoing.write(event);
  setImmediate(sendEvents, outgoing, events, at + 1);
}

/** Starts the server and tells its port. */
export function serveReplies(tell: (port: number) => void): void {
  const server = createServer(async (incoming, outgoing) => {
    let sent = '';
    for await (const piece of incoming.setEncoding('utf8')) sent += piece;
    const wire = incoming.url?.endsWith('/responses') ? 'responses' : 'chat';
    const streamed = JSON.parse(sent).stream === true;
    const type = streamed ? 'text/event-stream; charset=utf-8' : 'application/json';
    outgoing.writeHead(200, { 'content-type': type });
    if (streamed) sendEvents(outgoing, streams[wire]);
    else outgoing.end(wholes[wire]);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    tell(typeof address === 'object' && address !== null ? address.port : 0);
  });
}
