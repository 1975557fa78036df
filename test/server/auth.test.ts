/** Who may do anything at all: tokens, JSON Web Tokens, and what is open to everybody. */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { sign } from 'hono/jwt';
import { type Auth, bearerTokens, createApp, jwt } from '../../server/app.ts';
import { DefinitionError } from '../../src/index.ts';
import { askingTeam, askingTurns } from '../kit/asking.ts';
import type { Contract } from '../kit/contract.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';

async function served(t: TestContext, auth?: Auth) {
  const kit = await testRuntime(t, askingTurns, (url) => askingTeam(url));
  const app = createApp(kit.runtime, auth ? { auth } : {});
  const ask = async (method: string, path: string, headers = {}, body?: unknown) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await app.request(path, {
      method,
      headers: { ...headers, ...type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const isJson = response.headers.get('content-type')?.includes('json');
    return { response, body: (isJson ? await response.json() : {}) as Record<string, unknown> };
  };
  return { kit, app, ask };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const [annsToken, bobsToken] = ['ann-0123456789abcdef', 'bob-0123456789abcdef'];

const tokens = bearerTokens({
  [annsToken]: { userId: 'ann', tenantId: 'acme' },
  [bobsToken]: { userId: 'bob', tenantId: 'globex' },
});

test('whoever bears no token that the server knows is refused everywhere but where nobody’s data is', async (t) => {
  const { app, ask } = await served(t, tokens);
  const paths = app.routes.filter(({ method }) => method !== 'ALL');
  const open = [
    'GET /health',
    'GET /ready',
    'GET /openapi.json',
    'GET /docs',
    'GET /docs.css',
    'POST /answer',
    'POST /answer/question',
    'GET /',
    'GET /assets/:name',
  ];
  const strangers = [
    {},
    bearer('ann-0123456789abcde'),
    bearer(`${annsToken}x`),
    { authorization: annsToken },
    { authorization: `Basic ${annsToken}` },
    { 'x-user': 'ann' },
  ];
  for (const { method, path } of paths) {
    if (open.includes(`${method} ${path}`)) continue;
    for (const headers of strangers) {
      const { response, body } = await ask(method, path, headers);
      assert.deepEqual(
        [response.status, body['code']],
        [401, 'unauthenticated'],
        `${method} ${path}`,
      );
      assert.equal(response.headers.get('www-authenticate'), 'Bearer');
      assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
    }
  }
  const unknown = await ask('GET', '/nowhere');
  assert.equal(unknown.response.status, 401, 'nor does it tell which routes there are');
  const health = await ask('GET', '/health');
  assert.deepEqual([health.response.status, health.body], [200, { status: 'ok' }]);
});

test('the contract can be read by everybody, and says which routes want a token', async (t) => {
  const { ask, app } = await served(t, tokens);
  assert.equal((await app.request('/docs')).status, 200);
  const { body } = await ask('GET', '/openapi.json');
  const { security, components, paths } = body as unknown as Contract & {
    readonly security: object;
    readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
  };
  assert.deepEqual(security, [{ bearer: [] }]);
  assert.deepEqual(Object.keys(components.securitySchemes), ['answerToken', 'bearer']);
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const asked = await ask(method.toUpperCase(), path, {}, method === 'post' ? {} : undefined);
      const { security: own } = operation as { readonly security?: readonly object[] };
      assert.equal(asked.response.status === 401, own === undefined, `${method} ${path}`);
    }
  }
  assert.doesNotMatch(JSON.stringify(body), /Solo/, 'nor does it name a team');
});

test('a token says the user and the tenant, and no body does', async (t) => {
  const { kit, ask } = await served(t, tokens);
  const chat = (body: object) =>
    ask('POST', '/chat', bearer(annsToken), { message: 'Pay', ...body });
  for (const claim of ['tenant_id', 'user_id', 'tenantId', 'userId']) {
    assert.equal((await chat({ [claim]: 'globex' })).response.status, 422, claim);
  }
  const { body } = await chat({});
  const run = await kit.runtime.as({ tenantId: 'acme' }).get(String(body['run_id']));
  assert.deepEqual([run.userId, run.tenantId], ['ann', 'acme']);
  const other = await ask('GET', `/runs/${run.id}`, bearer(bobsToken));
  assert.equal(other.response.status, 404);
});

test('an answer token needs no other authentication, in the header or in the body', async (t) => {
  const { kit, ask } = await served(t, tokens);
  const ann = kit.runtime.as({ tenantId: 'acme' });
  const answer = { answer: { approved: true } };
  for (const where of ['header', 'body']) {
    const [question] = openQuestions(await ann.start({ message: 'Pay' }));
    const { token } = await ann.createAnswerToken(question?.id ?? '');
    const [headers, more] = where === 'header' ? [bearer(token), {}] : [{}, { token }];
    const read = await ask('POST', '/answer/question', headers, more);
    assert.deepEqual([read.response.status, read.body['id']], [200, question?.id]);
    const wrong = await ask('POST', '/answer', headers, { ...more, answer: { approved: 'x' } });
    const { code, errors } = wrong.body as { code: string; errors: { pointer: string }[] };
    assert.deepEqual([code, errors[0]?.pointer], ['answer_invalid', '/answer/approved']);
    const answered = await ask('POST', '/answer', headers, { ...more, ...answer });
    assert.deepEqual([answered.response.status, answered.body['status']], [200, 'answered']);
    for (const path of ['/answer', '/answer/question']) {
      const body = path === '/answer' ? { ...more, ...answer } : more;
      const spent = await ask('POST', path, headers, body);
      assert.deepEqual([spent.response.status, spent.body['code']], [403, 'token_invalid']);
    }
  }
});

const secret = 'a-secret-of-at-least-thirty-two-bytes';
const now = () => Math.floor(Date.now() / 1_000);
const claims = () => ({ sub: 'ann', org: 'acme', exp: now() + 60 });
const verifier = jwt({ secret, alg: 'HS256', tenantClaim: 'org' });

const asked = (token: string) => new Request('http://x/', { headers: bearer(token) });

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of any header, signed or not. */
function forged(header: object, body: object, key?: string): string {
  const text = `${encoded(header)}.${encoded(body)}`;
  return `${text}.${key ? createHmac('sha256', key).update(text).digest('base64url') : ''}`;
}

test('a JSON Web Token says the user and the tenant', async () => {
  const token = await sign(claims(), secret, 'HS256');
  assert.deepEqual(await verifier(asked(token)), { userId: 'ann', tenantId: 'acme' });
  const simple = jwt({ secret, alg: 'HS256', userClaim: 'org' });
  assert.deepEqual(await simple(asked(token)), { userId: 'acme' });
  const alone = jwt({ secret, alg: 'HS256', tenantClaim: 'sub' });
  assert.deepEqual(await alone(asked(token)), { userId: 'ann', tenantId: 'ann' });
});

const hs256 = { alg: 'HS256', typ: 'JWT' };

const refused: Readonly<Record<string, () => string | Promise<string>>> = {
  'is expired': () => sign({ ...claims(), exp: now() - 1 }, secret, 'HS256'),
  'never expires': () => sign({ sub: 'ann', org: 'acme' }, secret, 'HS256'),
  'has an expiry that is no number': () => forged(hs256, { ...claims(), exp: 'never' }, secret),
  'is not valid yet': () => sign({ ...claims(), nbf: now() + 60 }, secret, 'HS256'),
  'has the algorithm "none"': () => forged({ alg: 'none', typ: 'JWT' }, claims()),
  'has the algorithm "none" and a signature': () => forged({ alg: 'none' }, claims(), secret),
  'has another algorithm': () => sign(claims(), secret, 'HS512'),
  'is signed with another secret': () => sign(claims(), `${secret}x`, 'HS256'),
  'is not signed': () => forged(hs256, claims()),
  'was changed': async () => {
    const [head, , tail] = (await sign(claims(), secret, 'HS256')).split('.');
    return `${head}.${encoded({ ...claims(), org: 'globex' })}.${tail}`;
  },
  'names no user': () => sign({ org: 'acme', exp: now() + 60 }, secret, 'HS256'),
  'names no tenant': () => sign({ sub: 'ann', exp: now() + 60 }, secret, 'HS256'),
  'has a tenant that is no text': () => forged(hs256, { ...claims(), org: ['acme'] }, secret),
  'has an empty tenant': () => sign({ ...claims(), org: '' }, secret, 'HS256'),
  'is none': () => 'x.y.z',
};

for (const [what, token] of Object.entries(refused)) {
  test(`a JSON Web Token that ${what} is refused`, async (t) => {
    assert.equal(await verifier(asked(await token())), undefined);
    const { ask } = await served(t, verifier);
    const { response } = await ask('GET', '/runs', bearer(await token()));
    assert.equal(response.status, 401);
  });
}

test('a public key verifies, and is no secret to sign with', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const rsa = jwt({
    secret: publicKey,
    alg: 'RS256',
    issuer: 'https://id.example',
    audience: 'desk',
  });
  const full = { ...claims(), iss: 'https://id.example', aud: 'desk' };
  assert.deepEqual(await rsa(asked(await sign(full, privateKey, 'RS256'))), { userId: 'ann' });
  assert.equal(await rsa(asked(forged(hs256, full, publicKey))), undefined);
  for (const other of [{ iss: 'https://other.example' }, { aud: 'kitchen' }]) {
    const token = await sign({ ...full, ...other }, privateKey, 'RS256');
    assert.equal(await rsa(asked(token)), undefined, JSON.stringify(other));
  }
});

test('what could be guessed is no secret', () => {
  const unusable = (error: unknown) =>
    error instanceof DefinitionError && error.code === 'auth_unusable';
  assert.throws(() => bearerTokens({}), unusable);
  assert.throws(() => bearerTokens({ short: {} }), unusable);
  assert.throws(() => jwt({ secret: 'short', alg: 'HS256' }), unusable);
});

test('an identity that cannot be used is refused, and an auth that fails lets nobody in', async (t) => {
  t.mock.method(console, 'error', () => undefined);
  const bad = await served(t, () => ({ tenantId: '' }));
  const { response, body } = await bad.ask('GET', '/runs');
  assert.deepEqual([response.status, body['code']], [401, 'identity_invalid']);
  const broken = await served(t, () => Promise.reject(new Error('secret reason')));
  const failed = await broken.ask('GET', '/runs');
  assert.equal(failed.response.status, 500);
  assert.doesNotMatch(JSON.stringify(failed.body), /secret reason/);
});

test('of whom the server does not know, no body is read', async (t) => {
  const { runtime } = await pausingRuntime(t, { Desk: ['Hello'] });
  const app = createApp(runtime, { auth: () => undefined });
  for (const path of ['/chat', '/agui/Desk', '/ai/Desk', '/nothing/ai/x']) {
    let read = 0;
    const body = new ReadableStream({
      pull(controller) {
        read += 1;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const init = { method: 'POST', body, duplex: 'half' as const };
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const response = await app.request(
      new Request(`http://localhost${path}`, { ...init, headers }),
    );
    assert.equal(response.status, 401, path);
    assert.ok(read <= 1, `${read} pieces of the body were read`);
  }
});
