/** `cadenza` at a real pseudo-terminal: a person is asked, answers, leaves and comes back. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { call, type Turn } from '../../src/testing/index.ts';
import { folderFor } from '../kit/folder.ts';
import { held } from '../kit/served.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { atTerminal, keys, piped } from '../kit/terminal.ts';
import { ask } from '../kit/turns.ts';

const { enter, down } = keys;

/** Runs with a team that pauses in every way, whose leader makes these turns. */
async function desk(t: TestContext, ...turns: readonly Turn[]) {
  const file = folderFor(t);
  const model = await startStrictModel({ agents: { Desk: turns } });
  t.after(() => model.close());
  const witness = file('witness');
  return {
    args: ['--team', 'test/teams/pauses.ts', '--db', file('runs.db')],
    env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'test', WITNESS: witness },
    done: () => (existsSync(witness) ? readFileSync(witness, 'utf8').trimEnd().split('\n') : []),
  };
}

const echo: Turn = (request) => `Then: ${request.messages.at(-1)?.content}`;

test('a message, two answers and the report are typed and read at a terminal', async (t) => {
  const db = folderFor(t)('runs.db');
  const at = atTerminal(t, ['chat', 'Coffee', '--db', db]);
  await at.type('comes to mind first when you think of Coffee?', `black${enter}`);
  await at.type('most like to know about Coffee?', `its price${enter}`);
  assert.equal(await at.ended, 0);
  const [, report] = at.screen().split('OrchestratorTeam: ');
  assert.match(
    report ?? '',
    /^The WorkerAgent reports: About Coffee, you said: .*black.*its price/,
  );
  assert.match(at.screen(), /OrchestratorTeam\/WorkerAgent asks: Please provide input/);
});

const heard: Turn = ({ messages }) => {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  return `You said: ${said.join(', ')}.`;
};

test('a conversation is one session, and ends with Ctrl-D', async (t) => {
  const { args, env } = await desk(t, heard);
  const at = atTerminal(t, ['chat', ...args], env);
  await at.type('You:', `${keys.decline}Hello${enter}`);
  await at.type('Desk: You said: Hello.', '');
  await at.type('You:', `Bye${enter}`);
  await at.type('Desk: You said: Hello, Bye.', '');
  await at.type('You:', keys.leave);
  assert.equal(await at.ended, 0);
});

test('every type of field has its prompt, which takes no value that does not fit', async (t) => {
  const field = (field_name: string, field_type: string, more: object = {}) => ({
    field_name,
    field_type,
    field_description: `Your ${field_name}?`,
    ...more,
  });
  const field_choices = ['red', 'green', 'blue'];
  const fields = [
    field('text', 'str'),
    field('count', 'int'),
    field('size', 'float'),
    field('consent', 'bool'),
    field('day', 'date'),
    field('colour', 'choice', { field_choices }),
    field('colours', 'choices', { field_choices }),
    field('nothing', 'str', { required: false }),
  ];
  const { args, env } = await desk(
    t,
    [call('get_user_input', { user_input_fields: fields }, 'c')],
    echo,
  );
  const at = atTerminal(t, ['chat', 'Hello', ...args], env);
  await at.type('Your text?', enter);
  await at.type('An answer is needed', `words${enter}`);
  await at.type('Your count?', `1.5${enter}`);
  await at.type('A whole number is needed', `${keys.clearLine}3${enter}`);
  await at.type('Your size?', `2.5${enter}`);
  await at.type('Your consent?', `${down}${enter}`);
  await at.type('Your day?', `tomorrow${enter}`);
  await at.type('A date like 2026-12-31', `${keys.clearLine}2026-02-03${enter}`);
  await at.type('Your colour?', `${down}${enter}`);
  await at.type('Your colours?', ` ${down}${down} ${enter}`);
  await at.type('Your nothing?', enter);
  assert.equal(await at.ended, 0);
  const values = JSON.parse(/Desk: Then: (\{.*\})/.exec(at.screen())?.[1] ?? '');
  assert.deepEqual(values, {
    text: 'words',
    count: 3,
    size: 2.5,
    consent: false,
    day: '2026-02-03',
    colour: 'green',
    colours: ['red', 'blue'],
  });
});

const pay = call('pay', { amount: 500, to: 'ann' }, 'p');

test('an approval shows the exact arguments, and other ones that do not fit are asked for again', async (t) => {
  const { args, env, done } = await desk(t, [pay], echo);
  const at = atTerminal(t, ['chat', 'Pay', ...args], env);
  await at.type('Arguments, as the model wrote them: {"amount":500,"to":"ann"}', '');
  await at.type('May "pay" run?', `${down}${enter}`);
  await at.type('Arguments:', `${keys.clearLine}{"amount":-1,"to":"ann"}${enter}`);
  await at.type('arguments/amount', '');
  await at.type('May "pay" run?', `${down}${enter}`);
  await at.type(
    'Arguments: {"amount":-1,"to":"ann"}',
    `${keys.clearLine}{"amount":5,"to":"bob"}${enter}`,
  );
  assert.equal(await at.ended, 0);
  assert.deepEqual(done(), ['pay 5 bob']);
});

test('an approval is declined with a note for the model', async (t) => {
  const { args, env } = await desk(t, [pay], echo);
  const at = atTerminal(t, ['chat', 'Pay', ...args], env);
  await at.type('May "pay" run?', `${down}${down}${down}${enter}`);
  await at.type('A note for the model', `too much${enter}`);
  assert.equal(await at.ended, 0);
  assert.match(at.screen(), /Desk: Then: .*too much/);
});

test('a question of any kind is declined with a key', async (t) => {
  const calls = [ask('g', 'city', 'hotel'), call('ship', { order: 'o1' }, 'x'), pay];
  const { args, env, done } = await desk(t, calls, ({ messages }) => {
    return messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : [])).join(' ');
  });
  const at = atTerminal(t, ['chat', 'Trip', ...args], env);
  await at.type('Ctrl-X declines it.', '');
  await at.type('Which city?', `Rome${enter}`);
  await at.type('Which hotel?', `x${keys.decline}`);
  await at.type('  Declined.', '');
  await at.type('"ship" returned', keys.decline);
  await at.type('May "pay" run?', keys.decline);
  assert.equal(await at.ended, 0);
  const said = 'The person declined.';
  assert.match(at.screen(), new RegExp(`Desk: ${said} ${said} ${said}`));
  assert.deepEqual(done(), [], 'no tool ran');
});

for (const [name, key] of [
  ['Ctrl-C', keys.interrupt],
  ['Ctrl-D', keys.leave],
] as const) {
  test(`who leaves a question with ${name} is told how to go on, and can`, async (t) => {
    const db = folderFor(t)('runs.db');
    const at = atTerminal(t, ['chat', 'Coffee', '--db', db]);
    await at.type('comes to mind first', `black${enter}`);
    await at.type('most like to know', key);
    assert.equal(await at.ended, 3);
    const line = /Go on with it: cadenza (resume run_\S+ --db \S+)/.exec(at.screen());
    const again = atTerminal(t, line?.[1]?.split(' ') ?? []);
    await again.type('comes to mind first', `white${enter}`);
    await again.type('most like to know', `all${enter}`);
    assert.equal(await again.ended, 0);
    assert.match(again.screen(), /reports: .*white.*all/);
  });
}

test('who leaves with Ctrl-C while a model works is told how to go on', async (t) => {
  const hold = held('done');
  const { args, env } = await desk(t, hold.turn);
  const at = atTerminal(t, ['chat', 'Hello', ...args], env);
  await hold.asked;
  await at.type('Desk thinks', keys.interrupt);
  await at.type('The run is kept. Go on with it: cadenza resume run_', '');
  hold.letGo();
  assert.equal(await at.ended, 3);
});

test('what a model writes cannot command the terminal', async (t) => {
  const hostile = 'A\u001b]0;title\u0007\u001b[2J\u202eB';
  const { args, env } = await desk(t, [ask('c', 'x'), pay], hostile);
  const at = atTerminal(t, ['chat', hostile, ...args], env);
  await at.type('Which x?', `1${enter}`);
  await at.type('May "pay" run?', enter);
  assert.equal(await at.ended, 0);
  assert.ok(at.screen().includes('A\\u001b]0;title\\u0007\\u001b[2J\\u202eB'));
  assert.ok(!at.raw().includes('\u001b]0;') && !at.raw().includes('\u202e'));
});

test('a run that was left is shown, listed and finished without a terminal', async (t) => {
  const db = folderFor(t)('runs.db');
  const left = await piped(['chat', '--json', '--db', db], {}, 'Coffee\n');
  assert.equal(left.code, 3);
  assert.match(left.stderr, /Go on with it: cadenza resume run_/);
  const { run_id, questions } = JSON.parse(left.stdout);
  const shown = await piped(['show', run_id, '--json', '--db', db]);
  assert.deepEqual(
    [shown.code, JSON.parse(shown.stdout).why],
    [0, 'The run waits for you: 1 question is open.'],
  );
  const listed = await piped(['questions', '--json', '--db', db]);
  assert.deepEqual(JSON.parse(listed.stdout), { questions });
  const answers = JSON.stringify({ [questions[0].id]: { question_1: 'black', question_2: 'all' } });
  const wrong = await piped(['resume', run_id, '--db', db, '--answers', '-'], {}, '{"q":{}}');
  assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
  const ended = await piped(['resume', run_id, '--db', db, '--answers', '-'], {}, answers);
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /^The WorkerAgent reports: About Coffee, you said: .*\n$/);
});
