/** `cadenza` in scripts: results on stdout, all else on stderr, and exit codes to go by. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { startApp } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { piped } from '../kit/terminal.ts';
import { ask } from '../kit/turns.ts';

const token = 'a-secret-of-some-length';

test('what cannot be begun is told on stderr, with exit code 2', async (t) => {
  const file = folderFor(t);
  writeFileSync(file('answers.json'), 'black');
  writeFileSync(file('runs.db'), '');
  const db = file('none.db');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^Name a command\. See cadenza --help\.\n$/],
    [['fly'], /^There is no command "fly"/],
    [['chat', 'two', 'words'], /^Use: cadenza chat \[message\]/],
    [['show'], /^Use: cadenza show <run>/],
    [['show', 'run_x', '--answers', '-'], /^"show <run>" takes no --answers/],
    [['chat', '--loud'], /^Unknown option '--loud'.*See cadenza --help\.\n$/],
    [['show', 'run_x', '--db', db, '--url', 'http://127.0.0.1:1'], /^Use --url or --db/],
    [['show', 'run_x', '--db', db], /^There is no ".*none\.db"/],
    [['questions', '--url', 'nowhere'], /^--url is "nowhere"/],
    [['questions', '--url', 'http://127.0.0.1:1'], /^No server answers at http:\/\/127.0.0.1:1/],
    [['chat', 'Hi', '--team', 'none.ts', '--db', db], /^There is no "none\.ts"/],
    [['chart', 'Nobody'], /^There is no team "Nobody", but OrchestratorTeam\./],
    [['chart', '--chart', 'pie'], /^--chart is "pie"/],
  ];
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await piped(args);
    assert.deepEqual([code, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, sentence);
  }
  assert.ok(!existsSync(db));
});

test('help, version and charts are results', async () => {
  const help = await piped(['--help']);
  assert.match(help.stdout, /^Usage: cadenza .*Exit codes:/s);
  assert.match((await piped(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match((await piped(['chart', 'OrchestratorTeam'])).stdout, /^stateDiagram-v2\n/);
  const machine = JSON.parse((await piped(['chart', '--chart', 'tool_call', '--json'])).stdout);
  assert.equal(machine.id, 'toolCall');
});

test('a running server is spoken to by its url, and named when its database is in use', async (t) => {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel({ agents: { Desk: [[ask('c', 'size')], 'Noted.'] } });
  t.after(() => model.close());
  const env = { CADENZA_TOKEN: token };
  const app = await startApp({ team: 'test/teams/desk.ts', db, model: model.url, env });
  t.after(() => app.kill());
  const taken = await piped(['questions', '--db', db]);
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, /is written by process \d+\..*--url http:\/\/127\.0\.0\.1:3000/);

  const stranger = await piped(['questions', '--url', app.url]);
  assert.deepEqual([stranger.code, stranger.stdout], [1, '']);
  const server = ['--url', app.url, '--token', token];
  const left = await piped(['chat', 'Hello', '--json', ...server]);
  assert.equal(left.code, 3);
  assert.ok(!left.stderr.includes(token));
  const { run_id } = JSON.parse(left.stdout);
  const listed = await piped(['questions', '--url', app.url], env);
  const waits = await piped(['show', run_id, ...server]);
  assert.match(
    waits.stdout,
    /\n\nThe run waits for you: 1 question is open\.\n {2}Desk \[answeringCalls\.awaitingUserInput\] "Desk" waits for you: 0 of 1 question answered\.\n {4}get_user_input \[awaitingUserInput\]/,
  );
  assert.match(
    listed.stdout,
    /^run_\S+ {2}q_\S+ .*\nDesk asks: .*\n {2}size \(string\): Which size\?\n$/,
  );
  const answers = '[{ "field_name": "size", "query": "large" }]';
  const ended = await piped(['resume', run_id, '--answers', '-', ...server], {}, answers);
  assert.deepEqual([ended.code, ended.stdout], [0, 'Noted.\n']);
  const shown = await piped(['show', run_id, '--json', ...server]);
  const { status, why, actors } = JSON.parse(shown.stdout);
  assert.deepEqual([status, why], ['completed', 'The run is completed.']);
  const sentence = '"Desk" has reported.';
  assert.deepEqual(actors, [{ path: '', name: 'Desk', state: 'done', sentence }]);
  const missing = await piped(['show', 'run_x', ...server]);
  assert.deepEqual([missing.code, missing.stderr], [1, 'There is no run "run_x".\n']);
  await app.kill();
  const local = await piped(['show', run_id, '--json', '--db', db, '--team', 'test/teams/desk.ts']);
  assert.equal(local.stdout, shown.stdout, 'what is shown of a file is what a server shows');
});

test('a cancelled run has an exit code of its own', async (t) => {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel({ agents: { Desk: [[ask('c', 'size')]] } });
  t.after(() => model.close());
  const app = await startApp({ team: 'test/teams/desk.ts', db, model: model.url, json: true });
  t.after(() => app.kill());
  const left = await piped(['chat', 'Hello', '--json', '--url', app.url]);
  const { run_id } = JSON.parse(left.stdout);
  await fetch(`${app.url}/runs/${run_id}/cancel`, { method: 'POST' });
  const cancelled = await piped(['resume', run_id, '--json', '--url', app.url]);
  assert.deepEqual([cancelled.code, JSON.parse(cancelled.stdout).status], [4, 'cancelled']);
});
