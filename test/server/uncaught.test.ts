/** An error that nobody caught ends the process, is told without what was said, and loses no run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRuntime, sqliteStore } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { served } from '../kit/served.ts';
import { piped } from '../kit/terminal.ts';
import { post } from '../kit/wire.ts';
import stray from '../teams/stray.ts';

const team = 'test/teams/stray.ts';

test('a server and a command end with 70 on what nobody caught, and their runs are taken up', async (t) => {
  const said: Turn = ({ messages }) => {
    const throws = messages.at(-1)?.content === 'THROW-SECRET';
    return [call('stray', { card: 'CARD-SECRET', throws }, 's')];
  };
  const { app, db, model } = await served(t, { team, agents: { Desk: [said] } });
  const cut = assert.rejects(post(app.url, '/chat', { message: 'PROMPT-SECRET' }));
  assert.deepEqual(await app.ended, { code: 70, signal: null });
  await cut;
  const [line = '', ...rest] = app.stderr().trimEnd().split('\n').reverse();
  const { level, msg, error } = JSON.parse(line);
  assert.deepEqual(
    { level, msg, error },
    { level: 'fatal', msg: 'uncaught', error: { kind: 'string' } },
  );
  const env = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'test' };
  const command = await piped(['chat', 'THROW-SECRET', '--team', team, '--db', db], env);
  assert.equal(command.code, 70, command.stderr);
  const printed = /^cadenza: (\{.*\})$/m.exec(command.stderr)?.[1] ?? '';
  assert.equal(JSON.parse(printed).error.kind, 'TypeError');
  assert.doesNotMatch([line, ...rest, command.stdout, command.stderr].join('\n'), /SECRET/);
  const runtime = await createRuntime({ teams: [stray], store: sqliteStore(db) });
  t.after(() => runtime.close());
  const reasons = (await runtime.list()).map((run) =>
    run.status === 'input_required' ? run.questions.map(({ reason }) => reason) : run.status,
  );
  assert.deepEqual(reasons, [['outcome_unknown'], ['outcome_unknown']]);
});
