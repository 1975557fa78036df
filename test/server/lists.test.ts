/** What can be read: runs page by page, what was said in one, the teams, and their charts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { createMachine } from 'xstate';
import { createApp } from '../../server/app.ts';
import { call } from '../../src/testing/index.ts';
import { ask, type Contract, contract } from '../kit/contract.ts';
import { httpOf } from '../kit/local-http.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { delegate } from '../kit/turns.ts';

const agents = {
  Desk: [[delegate('c1', 'A'), call('send', { to: 'Bob' }, 'l')], 'done'],
  A: [[call('send', { to: 'Ada' }, 's'), call('nothing', {}, 'n')], 'A RESULT'],
  QueueDesk: ['hello'],
};

interface Runs {
  readonly runs: readonly { readonly run_id: string; readonly user_message: string }[];
  readonly next: string | null;
}

test('runs are listed newest first, by session, team and status, a page at a time', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const http = httpOf(kit.runtime);
  const one = await kit.runtime.start({ message: 'One', sessionId: 'ses_1' });
  const two = await kit.runtime.start({ message: 'Two', sessionId: 'ses_2', team: 'QueueDesk' });
  const three = await kit.runtime.start({
    message: 'Three',
    sessionId: 'ses_2',
    team: 'QueueDesk',
  });
  const listed = async (query: string) =>
    (await http<Runs>('GET', `/runs${query}`)).body.runs.map((run) => run.user_message);
  assert.deepEqual(await listed(''), ['Three', 'Two', 'One']);
  assert.deepEqual(await listed('?session_id=ses_2'), ['Three', 'Two']);
  assert.deepEqual(await listed('?team=Desk'), ['One']);
  assert.deepEqual(await listed('?status=completed'), ['Three', 'Two']);
  assert.deepEqual(await listed('?status=input_required&session_id=ses_2'), [], 'all must hold');
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body }: { body: Runs } = await http('GET', `/runs?limit=1${next && `&after=${next}`}`);
    seen.push(...body.runs.map((run) => run.run_id));
    // What begins meanwhile is newer than every page to come.
    if (seen.length === 1) await kit.runtime.start({ message: 'Four', team: 'QueueDesk' });
    next = body.next;
  }
  assert.deepEqual(seen, [three.id, two.id, one.id]);
  const runtime = await kit.reopen();
  assert.deepEqual(await runtime.list({ team: 'Desk' }), [await runtime.get(one.id)]);
  for (const query of ['limit=0', 'limit=201', 'limit=', 'limit=1&limit=2', 'status=done', 'x=1']) {
    assert.equal((await httpOf(runtime)('GET', `/runs?${query}`)).status, 422, query);
  }
});

test('messages are told agent by agent, with calls and their results so far', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Work' });
  const http = httpOf(kit.runtime);
  const member = 'c1:A';
  const path = `/runs/${run.id}/messages`;
  const { body } = await http<{
    agents: readonly { path: string; agent: string; messages: unknown[] }[];
  }>('GET', path);
  assert.deepEqual(
    body.agents.map((one) => [one.path, one.agent]),
    [
      ['', 'Desk'],
      [member, 'Desk/A'],
    ],
  );
  const args = { to: 'Ada' };
  const open = { result: null, source: null };
  const refused = {
    id: 'n',
    name: 'nothing',
    arguments: '{}',
    result: 'There is no tool "nothing".',
    source: 'refusal',
  };
  const [, a] = body.agents;
  const [task, reply] = (a?.messages ?? []) as [unknown, { calls: { result: string }[] }];
  assert.deepEqual(task, { number: 1, role: 'user', text: 'task for A' });
  assert.match(reply.calls[1]?.result ?? '', /nothing/);
  assert.deepEqual(reply, {
    number: 2,
    role: 'assistant',
    text: null,
    calls: [
      { id: 's', name: 'send', arguments: JSON.stringify(args), ...open },
      { ...refused, result: reply.calls[1]?.result },
    ],
  });
  const only = await http<typeof body>('GET', `${path}?agent=${encodeURIComponent(member)}`);
  assert.deepEqual(only.body.agents, [a]);
  const leader = await http<typeof body>('GET', `${path}?agent=`);
  assert.deepEqual(leader.body.agents, body.agents.slice(0, 1));
  assert.deepEqual((await http<typeof body>('GET', `${path}?agent=c9:B`)).body.agents, []);
  for (const callId of ['s', 'l']) {
    await kit.runtime.resume(run.id, { [questionOf(run, callId).id]: { approved: true } });
  }
  const [all] = await kit.runtime.messages(run.id, { agent: '' });
  const results = all?.messages.flatMap((one) => (one.role === 'assistant' ? one.calls : []));
  assert.deepEqual(
    results?.map(({ id, result, source }) => [id, result, source]),
    [
      ['c1', 'A RESULT', 'member'],
      ['l', 'sent to Bob', 'tool'],
    ],
  );
  assert.deepEqual(
    all?.messages.map(({ number }) => number),
    [1, 2, 3],
  );
});

test('a call that cannot be sent back as the model wrote it is shown with what it wrote', async (t) => {
  const odd = { id: 'o', name: 'book it!', arguments: '{"guests":' };
  const spaced = { id: 'e', name: 'nothing', arguments: '{ }' };
  const kit = await pausingRuntime(t, { ...agents, QueueDesk: [[odd, spaced], 'hello'] });
  const { id } = await kit.runtime.start({ team: 'QueueDesk', message: 'Go' });
  const { body } = await httpOf(kit.runtime)<{
    agents: readonly { messages: readonly { calls?: readonly object[] }[] }[];
  }>('GET', `/runs/${id}/messages`);
  const calls = body.agents[0]?.messages.flatMap((message) => message.calls ?? []);
  assert.deepEqual(
    calls?.map((one) => ({ ...one, result: '' })),
    [
      {
        ...{ id: 'o', name: 'book_it_', arguments: '{}' },
        ...{ raw_name: 'book it!', raw_arguments: '{"guests":' },
        ...{ result: '', source: 'refusal' },
      },
      { id: 'e', name: 'nothing', arguments: '{ }', result: '', source: 'refusal' },
    ],
  );
  const [leader] = await kit.runtime.messages(id);
  const [known] = leader?.messages.flatMap((one) => (one.role === 'user' ? [] : one.calls)) ?? [];
  assert.deepEqual([known?.rawName, known?.rawArguments], ['book it!', '{"guests":']);
});

test('teams are told with members, roles and tools, and without their instructions', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const { body } = await httpOf(kit.runtime)<{ teams: readonly Member[] }>('GET', '/teams');
  assert.deepEqual(
    body.teams.map(({ name }) => name),
    ['Desk', 'QueueDesk', 'CancelDesk'],
  );
  const [desk] = body.teams;
  assert.deepEqual(
    desk?.members.map(({ name, kind, role }) => [name, kind, role]),
    [
      ['A', 'agent', 'Works as A.'],
      ['B', 'agent', 'Works as B.'],
      ['Inner', 'team', 'Leads D.'],
    ],
  );
  assert.deepEqual(
    desk?.members[2]?.members.map(({ name }) => name),
    ['D'],
  );
  const pay = desk?.tools.find(({ name }) => name === 'pay');
  assert.deepEqual(Object(pay?.parameters).required, ['amount', 'to']);
  assert.doesNotMatch(JSON.stringify(body), /instructions/);
});

interface Member {
  readonly name: string;
  readonly kind: string;
  readonly role: string;
  readonly tools: readonly { readonly name: string; readonly parameters: object }[];
  readonly members: readonly Member[];
}

test('a chart is drawn, or told as data that XState reads again', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const app = createApp(kit.runtime);
  const chart = (query: string, accept = '*/*') =>
    ask(app, 'GET', `/teams/Desk/chart${query}`, { headers: { accept } });
  const drawn = await chart('');
  assert.match(drawn.text, /^stateDiagram-v2\n/);
  assert.equal((await chart('', 'application/json')).text, (await chart('?format=json')).text);
  assert.equal((await chart('?format=mermaid', 'application/json')).text, drawn.text);
  assert.match((await chart('?chart=tool_call')).text, /outcomeUnknown/);
  const { body } = await chart('?format=json');
  const again = createMachine(body);
  const { always } = again.states['answeringCalls'] ?? {};
  assert.ok(
    always?.some(({ target }) => target?.[0]?.key === 'thinking'),
    'the arrow of the invariant',
  );
});

test('the app works below a prefix of another app, and its contract says where it is', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const app = new Hono().get('/', (c) => c.text('mine')).route('/cadenza', createApp(kit.runtime));
  const document = (await (await app.request('/cadenza/openapi.json')).json()) as Contract;
  assert.deepEqual(document, { ...contract, servers: [{ url: '/cadenza' }] });
  assert.equal((await app.request('/cadenza/health')).status, 200);
  assert.equal((await app.request('/cadenza/runs/nothing')).status, 404);
  for (const path of ['/cadenza/nowhere', '/cadenza/runs/', '/cadenza/a/b/c']) {
    const { status, text } = await ask(app, 'GET', path);
    assert.deepEqual([status, JSON.parse(text).code], [404, 'route_not_found'], path);
  }
  const pages = ['/cadenza', '/cadenza/'].map((path) => app.request(path));
  const [page, slash] = await Promise.all(pages);
  assert.equal(slash?.status, page?.status, 'the page is there with a slash, too');
  assert.equal((await app.request('/')).status, 200);
});

test('a path that takes other methods says which', async (t) => {
  const { runtime } = await pausingRuntime(t, agents);
  const app = new Hono().route('/team', createApp(runtime));
  const allowed = {
    'DELETE /team/chat': 'POST',
    'PUT /team/runs': 'GET, HEAD',
    'GET /team/runs/run_1/cancel': 'POST',
    'POST /team/runs/run_1': 'GET, HEAD',
    'OPTIONS /team/approvals/ra_1': 'DELETE',
    'POST /team': 'GET, HEAD',
  };
  for (const [route, methods] of Object.entries(allowed)) {
    const [method = '', path = ''] = route.split(' ');
    const { status, headers, body } = await ask(app, method, path);
    assert.deepEqual([status, body.code], [405, 'method_not_allowed'], route);
    assert.equal(headers.get('allow'), methods, route);
  }
  const strict = createApp(runtime, { auth: () => undefined });
  const stranger = await strict.request('/chat', { method: 'DELETE' });
  assert.equal(stranger.status, 401, 'strangers are told of none');
});
