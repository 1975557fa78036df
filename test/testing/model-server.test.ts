import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type ModelServer, startModelServer } from '../../src/testing/index.ts';
import { body, client, post, system, tool, user } from './requests.ts';

const MEGABYTE = 1024 * 1024;

let server: ModelServer;
before(async () => {
  server = await startModelServer();
});
after(() => server.close());

async function request(path: string, init: RequestInit = {}) {
  const response = await fetch(`${new URL(server.url).origin}${path}`, init);
  const { error } = JSON.parse(await response.text());
  return { status: response.status, error };
}
const withKey = { authorization: 'Bearer test' };

describe('the model server', () => {
  it('listens on the loopback address and lists its models', async () => {
    assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const page = await client(server).models.list();
    assert.deepEqual(
      page.data.map((model) => model.id),
      ['gpt-4o-mini'],
    );
  });

  it('asks for a key', async () => {
    for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: 'Basic eDp5' }]) {
      const { status, error } = await request('/v1/chat/completions', { method: 'POST', headers });
      assert.equal(status, 401);
      assert.match(error.message, /^You didn't provide an API key\./);
      assert.equal(error.type, 'invalid_request_error');
      assert.equal(server.refusals.at(-1)?.status, 401);
    }
  });

  it('says which URL is unknown and which method is wrong', async () => {
    const unknown = await request('/v1/embeddings', { method: 'POST', headers: withKey });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.error.message, 'Invalid URL (POST /v1/embeddings)');
    const wrong = await request('/v1/chat/completions?a=1', { headers: withKey });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.error.code, 'method_not_supported');
    assert.equal(
      wrong.error.message,
      'Not allowed to GET on /v1/chat/completions. Only POST requests are accepted.',
    );
  });

  it('refuses a body of more than 50 MB and goes on', async () => {
    const large = await post(server, 'x'.repeat(50 * MEGABYTE + 1));
    assert.equal(large.status, 413);
    assert.equal(large.answer.error.code, 'request_too_large');
    assert.equal((await post(server, body([user()]))).status, 200);
  });

  it('refuses a body that is not UTF-8', async () => {
    const { status, error } = await request('/v1/chat/completions', {
      method: 'POST',
      headers: withKey,
      // Half an emoji in the bytes of a text, where no escape shows it.
      body: Buffer.concat([
        Buffer.from('{"model":"m","messages":[{"role":"user","content":"'),
        Buffer.from([0xed, 0xa0, 0xbd]),
        Buffer.from('"}]}'),
      ]),
    });
    assert.equal(status, 400);
    assert.match(error.message, /^We could not parse the JSON body/);
  });
});

describe('a hostile client', () => {
  it('cannot break the model server with a body', async () => {
    const hostile = [
      '',
      'null',
      '"\\ud800"',
      '{"__proto__":{"model":"m"}}',
      `{"model":"m","messages":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      `{"model":"m","messages":[${'0,'.repeat(500_000)}0]}`,
      `{"model":"m","messages":[{"role":"assistant","tool_calls":[${'0,'.repeat(500_000)}0]}]}`,
      '{"model":{},"messages":{},"tools":"x"}',
      '{"model":"m","messages":[null,{"role":["user"]}]}',
      '{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}',
    ];
    for (const sent of hostile) {
      const { status, answer } = await post(server, sent);
      assert.equal(status, 400, sent.slice(0, 80));
      assert.equal(answer.error.type, 'invalid_request_error');
    }
    assert.equal((await post(server, body([user()]))).status, 200);
  });

  it('cannot break it with a connection that is no HTTP or breaks off', async () => {
    const port = Number(new URL(server.url).port);
    for (const sent of [
      'hello\r\n\r\n',
      'GET // HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 99\r\n\r\n{',
    ]) {
      await new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(sent));
        socket.on('error', () => undefined);
        socket.on('close', resolve);
        setTimeout(() => socket.destroy(), 30);
      });
    }
    assert.equal((await post(server, body([user()]))).status, 200);
    assert.ok(server.refusals.every((refusal) => refusal.status < 500));
  });
});

describe('what the model server records', () => {
  it('is every accepted request and every refused one, in order', async () => {
    const server = await startModelServer({ respond: () => 'Good.' });
    const accepted = body([system('Leader'), user('one')], { tools: [tool('look_up')] });
    const refused = body([]);
    await post(server, accepted);
    await post(server, refused);
    await post(server, '{');
    await post(server, body([user('two')]));
    await server.close();
    const [first, second, ...more] = server.requests;
    assert.deepEqual(first?.body, accepted);
    assert.deepEqual(first?.messages, accepted.messages);
    assert.deepEqual(first?.tools, [tool('look_up')]);
    assert.equal(first?.agent, 'Leader');
    assert.deepEqual([second?.agent, second?.tools, more], [undefined, [], []]);
    assert.deepEqual(
      server.refusals.map((refusal) => refusal.body),
      [refused, '{'],
    );
  });

  it('is nothing where nothing is to be kept', async () => {
    const server = await startModelServer({ record: false });
    assert.equal((await post(server, body([user()]))).status, 200);
    assert.equal((await post(server, body([]))).status, 400);
    await server.close();
    assert.deepEqual([server.requests, server.refusals], [[], []]);
  });
});

describe('closing the model server', () => {
  it('ends kept connections and answers that are still due', async () => {
    const server = await startModelServer({ respond: () => ({ text: 'late', delayMs: 60_000 }) });
    const due = post(server, body([user()]));
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([server.close(), assert.rejects(due)]);
    await server.close();
    await assert.rejects(post(server, body([user()])));
    assert.deepEqual(server.refusals, []);
  });

  it('frees the port, and a port that is taken is reported', async () => {
    const first = await startModelServer();
    const port = Number(new URL(first.url).port);
    await assert.rejects(startModelServer({ port }), { code: 'EADDRINUSE' });
    await first.close();
    const second = await startModelServer({ port });
    assert.equal(second.url, first.url);
    await second.close();
  });
});
