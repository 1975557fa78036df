/** Webhooks: signed, sent again until they arrive, and kept out of private networks. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRuntime, DefinitionError, sqliteStore, type Webhook } from '../../src/index.ts';
import { askingRuntime, askingTeam, askingTurns, deliveriesIn, until } from '../kit/asking.ts';
import { folderFor } from '../kit/folder.ts';
import { type Received, startReceiver } from '../kit/receiver.ts';
import { openQuestions } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';

const secret = 'a secret of the tests';

/** Verifies a signature as a receiver does that has nothing but the specification. */
async function isSigned({ headers, text }: Received, key: Uint8Array<ArrayBuffer>) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, hmac, false, ['verify']);
  const [version, base64 = ''] = String(headers['webhook-signature']).split(',');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const signature = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const bytes = new TextEncoder().encode(signed);
  return version === 'v1' && (await crypto.subtle.verify('HMAC', imported, signature, bytes));
}

/** The one delivery that a file holds, once it has that status. */
async function deliveryOnce(t: TestContext, db: string, status: string) {
  const first = () => deliveriesIn(db)[0];
  await until(t, () => first()?.status === status && first()?.attempt !== 0);
  return first();
}

test('a webhook is told what happened, in a body that is signed', async (t) => {
  const receiver = await startReceiver(t);
  const webhook = { url: receiver.url, secret, allowPrivate: true };
  const { runtime } = await askingRuntime(t, { webhooks: [webhook] });
  const run = await runtime.start({ message: 'Pay', sessionId: 'ses_1' });
  const [question] = openQuestions(run);
  const received = await receiver.arrived(2);
  const opened = received.find(({ body }) => body.type === 'question.opened');
  const settled = received.find(({ body }) => body.type === 'run.settled');
  assert.deepEqual(opened?.body, {
    type: 'question.opened',
    timestamp: question?.openedAt.toISOString(),
    data: {
      question_id: question?.id,
      run_id: run.id,
      tenant_id: 'default',
      session_id: 'ses_1',
      team: 'Solo',
      asked_by: 'Solo',
      tool_name: 'pay',
      reason: 'approval',
      prompt: 'The team wants to run "pay".',
      status: 'open',
      opened_at: question?.openedAt.toISOString(),
    },
  });
  assert.deepEqual(settled?.body.data, {
    run_id: run.id,
    tenant_id: 'default',
    session_id: 'ses_1',
    team: 'Solo',
    status: 'input_required',
  });
  for (const one of received) {
    assert.ok(await isSigned(one, new TextEncoder().encode(secret)));
    assert.ok(
      !(await isSigned({ ...one, text: `${one.text} ` }, new TextEncoder().encode(secret))),
    );
    assert.ok(!(await isSigned(one, new TextEncoder().encode('another secret key'))));
    assert.equal(one.headers['content-type'], 'application/json');
    assert.ok(Math.abs(Number(one.headers['webhook-timestamp']) - Date.now() / 1000) < 30);
  }
});

test('a secret after whsec_ is read as base64', async (t) => {
  const receiver = await startReceiver(t);
  const key = crypto.getRandomValues(new Uint8Array(24));
  const encoded = `whsec_${btoa(String.fromCharCode(...key))}`;
  const webhook = { url: receiver.url, secret: encoded, allowPrivate: true };
  const { runtime } = await askingRuntime(t, { webhooks: [webhook] });
  await runtime.start({ message: 'Pay' });
  const [first] = await receiver.arrived(1);
  assert.ok(first && (await isSigned(first, key)));
});

test('a webhook is told only of the events that it wants', async (t) => {
  const receiver = await startReceiver(t);
  const { runtime, db } = await askingRuntime(t, {
    webhooks: [{ url: receiver.url, secret, events: ['run.settled'], allowPrivate: true }],
    remindAfterMs: 1,
  });
  await runtime.start({ message: 'Pay' });
  await receiver.arrived(1);
  assert.deepEqual(
    deliveriesIn(db).map(({ type }) => type),
    ['run.settled'],
  );
});

test('a receiver that fails twice gets the notice again, with its id and a new time', async (t) => {
  const receiver = await startReceiver(t, (response, number) => {
    if (number === 0) response.writeHead(500).end();
    else if (number === 1) response.destroy();
    else response.writeHead(200).end('thanks');
  });
  const { runtime, db } = await askingRuntime(t, {
    webhooks: [{ url: receiver.url, secret, events: ['question.opened'], allowPrivate: true }],
  });
  await runtime.start({ message: 'Pay' });
  const received = await receiver.arrived(3);
  assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, 1);
  const times = received.map(({ headers }) => Number(headers['webhook-timestamp']));
  assert.ok((times[2] ?? 0) > (times[0] ?? 0));
  for (const one of received) assert.ok(await isSigned(one, new TextEncoder().encode(secret)));
  assert.equal((await deliveryOnce(t, db, 'done'))?.attempt, 3);
});

test('a redirect is a failure, and is not followed', async (t) => {
  const elsewhere = await startReceiver(t);
  const receiver = await startReceiver(t, (response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  );
  const { runtime, db } = await askingRuntime(t, {
    webhooks: [{ url: receiver.url, secret, events: ['question.opened'], allowPrivate: true }],
  });
  await runtime.start({ message: 'Pay' });
  const refused = await deliveryOnce(t, db, 'pending');
  assert.match(String(refused?.error), /answered 307/);
  assert.equal(elsewhere.received.length, 0);
});

test('an answer that never ends is not read to its end', async (t) => {
  const receiver = await startReceiver(t, (response) => {
    response.writeHead(200);
    const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
    response.on('close', () => clearInterval(more));
  });
  const { runtime, db } = await askingRuntime(t, {
    webhooks: [{ url: receiver.url, secret, events: ['question.opened'], allowPrivate: true }],
  });
  await runtime.start({ message: 'Pay' });
  assert.equal((await deliveryOnce(t, db, 'done'))?.attempt, 1);
});

test('a name that leads to this machine is refused, unless it is allowed', async (t) => {
  const receiver = await startReceiver(t);
  const url = `http://localhost:${receiver.port}/hook`;
  const events = ['question.opened'] as const;
  const refusing = await askingRuntime(t, { webhooks: [{ url, secret, events }] });
  await refusing.runtime.start({ message: 'Pay' });
  const refused = await deliveryOnce(t, refusing.db, 'pending');
  assert.match(String(refused?.error), /"localhost" is on this machine or in a private network/);
  assert.equal(receiver.received.length, 0);
  const allowing = await askingRuntime(t, {
    webhooks: [{ url, secret, events, allowPrivate: true }],
  });
  await allowing.runtime.start({ message: 'Pay' });
  await receiver.arrived(1);
});

const unusable: readonly [string, readonly Partial<Webhook>[], RegExp][] = [
  ['no url', [{ url: 'example.com' }], /has a url that is none/],
  ['another protocol', [{ url: 'ftp://example.com' }], /is "ftp:"\. Use http or https/],
  ['a password in its url', [{ url: 'https://a:b@example.com' }], /leave them out/],
  ['a loopback address', [{ url: 'http://127.0.0.1/' }], /on this machine or in a private network/],
  ['a loopback address in disguise', [{ url: 'http://0x7f.1/' }], /"127\.0\.0\.1" is on this/],
  ['a private IPv6 address', [{ url: 'http://[fd00::1]:80/' }], /or in a private network/],
  ['an IPv4 address in an IPv6 one', [{ url: 'http://[::ffff:8.8.8.8]/' }], /a private network/],
  ['the metadata service of a cloud', [{ url: 'http://169.254.169.254/' }], /a private network/],
  ['no secret', [{ secret: '' }], /has 0 bytes\. Use at least 16/],
  ['a short secret', [{ secret: '123456789012345' }], /has 15 bytes/],
  ['a short secret in base64', [{ secret: `whsec_${btoa('123456789012345')}` }], /has 15 bytes/],
  ['a secret that is no base64', [{ secret: 'whsec_not-base64-at-all!' }], /is not base64/],
  ['no events', [{ events: [] }], /wants no events/],
  ['an unknown event', [{ events: ['run.began' as 'run.settled'] }], /wants "run\.began"/],
  ['the url of another one', [{}, {}], /Two webhooks have one url/],
];

for (const [what, given, message] of unusable) {
  test(`a webhook with ${what} is refused when the runtime is created`, async (t) => {
    const webhooks = given.map((one) => ({ url: 'https://example.com/path', secret, ...one }));
    const store = sqliteStore(folderFor(t)('runs.db'));
    t.after(() => store.close());
    await assert.rejects(
      createRuntime({ teams: askingTeam('http://127.0.0.1:9'), store, webhooks }),
      (error: unknown) => {
        assert.ok(error instanceof DefinitionError);
        assert.equal(error.code, 'webhook_unusable');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /path|of the tests|12345/);
        return true;
      },
    );
  });
}

/** A process that tells the webhook at `url`; with `dieAt` it starts a run and dies there. */
function tellingProcess(t: TestContext, db: string, model: string, url: string, dieAt?: string) {
  const script = fileURLToPath(new URL('../kit/telling-process.ts', import.meta.url));
  const args = ['--conditions=cadenza-source', script, db, model, url, ...(dieAt ? [dieAt] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  return once(child, 'exit');
}

for (const [dieAt, before] of [
  ['take deliveries: begin', 0],
  ['take deliveries: committed', 0],
  ['end delivery: begin', 1],
] as const) {
  test(`a process that dies at "${dieAt}" leaves the notice to the next one`, async (t) => {
    const receiver = await startReceiver(t);
    const model = await startStrictModel({ agents: askingTurns });
    t.after(() => model.close());
    const db = folderFor(t)('runs.db');
    const [, signal] = await tellingProcess(t, db, model.url, receiver.url, dieAt);
    assert.equal(signal, 'SIGKILL');
    assert.equal(receiver.received.length, before);
    assert.equal(deliveriesIn(db).length, 1);
    void tellingProcess(t, db, model.url, receiver.url);
    const received = await receiver.arrived(before + 1);
    const ids = new Set(received.map(({ headers }) => headers['webhook-id']));
    assert.deepEqual([...ids], [deliveriesIn(db)[0]?.id]);
    await deliveryOnce(t, db, 'done');
  });
}
