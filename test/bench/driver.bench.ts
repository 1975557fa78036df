/**
 * What a model call costs in the driver's own CPU, against a bare HTTP request that sends the same
 * bytes and parses the same answer, and against the `openai` package between the two.
 *
 * The server is another process, so its time does not count. All are measured in turns in one run.
 *
 * A streamed reply costs little more than a bare request. A short reply in one piece cannot: the
 * package alone spends more on building a request than a bare request costs as a whole. Of what the
 * driver adds to that, writing the request and the assertion before it are a tenth; half of the
 * assertion is the one look at all texts for half characters. The rest is promises, the checks of
 * the reply's shape, and the signal that the package watches.
 */
import { fork } from 'node:child_process';
import { request as send } from 'node:http';
import OpenAI from 'openai';
import { openai } from '../../src/index.ts';
import { nodeFetch } from '../../src/models/node-fetch.ts';
import { serveReplies, words } from './replies.ts';

const rounds = 25;
const calls = { whole: 200, streamed: 60 } as const;
const warmUp = 2_000;

type Api = 'chat' | 'responses';

const transcript = Array.from({ length: 10 }, (_, at) => {
  if (at % 2 === 0) return { role: 'user' as const, text: `Message ${at}. ${'x'.repeat(200)}` };
  const call = { id: `call_${at}`, name: 'look_up', arguments: '{"word":"tea"}' };
  const calls = [{ ...call, result: 'y'.repeat(200) }];
  return { role: 'assistant' as const, text: null, calls };
});

const parameters = { type: 'object', properties: { word: { type: 'string' } } };
const tools = [{ name: 'look_up', description: 'Looks a word up.', parameters }];
const request = { instructions: 'You are "Desk".', transcript, tools };

function parse(text: string, stream: boolean): unknown {
  if (!stream) return JSON.parse(text);
  return text.split('\n\n').map((event) => {
    const data = event.slice(event.indexOf('data: ') + 6);
    return data === '' || data === '[DONE]' || event === '' ? undefined : JSON.parse(data);
  });
}

/** A request as short as it can be written. */
function bare(port: number, path: string, body: object, stream: boolean): Promise<unknown> {
  const payload = JSON.stringify(body);
  const headers = {
    authorization: 'Bearer test',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
  };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers };
    const outgoing = send(options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('end', () => resolve(parse(text, stream)));
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** The body that the driver sends. */
async function bodyOf(baseURL: string, api: Api, stream: boolean): Promise<object> {
  let body: object = {};
  const model = openai('gpt-4o-mini', {
    baseURL,
    api,
    stream,
    fetch: (url, init) => {
      body = JSON.parse(String(init?.body));
      return fetch(url, init);
    },
  });
  await model.reply(request, { signal: new AbortController().signal });
  return body;
}

async function contenders(port: number, api: Api, stream: boolean) {
  const baseURL = `http://127.0.0.1:${port}/v1`;
  const path = api === 'chat' ? '/chat/completions' : '/responses';
  const body = await bodyOf(baseURL, api, stream);
  const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test', api, stream });
  const client = new OpenAI({ baseURL, apiKey: 'test', maxRetries: 0, fetch: nodeFetch() });
  return {
    bare: () => bare(port, `/v1${path}`, body, stream),
    package: async () => {
      const response = await client.post(path, { body }).asResponse();
      return parse(await response.text(), stream);
    },
    driver: () => model.reply(request, { signal: new AbortController().signal }),
  };
}

/** CPU time of one call, in microseconds. */
async function cost(call: () => Promise<unknown>, count: number): Promise<number> {
  const begun = process.cpuUsage();
  for (let index = 0; index < count; index += 1) await call();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / count;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measure(port: number, api: Api, stream: boolean): Promise<string> {
  const all = Object.entries(await contenders(port, api, stream));
  const count = stream ? calls.streamed : calls.whole;
  for (const [, call] of all) await cost(call, stream ? warmUp / 4 : warmUp);
  const times = all.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [, call]] of all.entries()) times[index]?.push(await cost(call, count));
  }
  const medians = times.map(median);
  const against = medians.map((one) => `${(one / (medians[0] ?? 1)).toFixed(2)}x`);
  const columns = medians.map((one, at) => `${one.toFixed(0)} us ${against[at]}`.padStart(15));
  const what = stream ? `${words.streamed} pieces` : 'one piece';
  return `${api.padEnd(9)}   ${what.padEnd(10)}${columns.join('   ')}`;
}

if (process.argv[2] === 'server') {
  serveReplies((port) => process.send?.(port));
} else {
  const server = fork(import.meta.filename, ['server'], { execArgv: process.execArgv });
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  console.log(`Node ${process.versions.node}, CPU time of one call, median of ${rounds} rounds\n`);
  console.log('wire        reply             bare request     through openai           driver');
  for (const api of ['chat', 'responses'] as const) {
    for (const stream of [true, false]) console.log(await measure(port, api, stream));
  }
  server.kill();
}
