/** AG-UI clients that are older than version 1.0, and messages whose run came to nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aguiDesk,
  type ClientVersion,
  clients,
  joinThread,
  type Message,
  onlyInterrupt,
} from '../kit/agui.ts';
import { ask } from '../kit/turns.ts';

const asking = { Desk: [[ask('g', 'city')], 'done'] };

for (const version of Object.keys(clients) as ClientVersion[]) {
  test(`client ${version}: a run that was cancelled elsewhere ends in words that it knows`, async (t) => {
    const { kit, url } = await aguiDesk(t, asking);
    const thread = joinThread(url, 'ses_1', version);
    const { metadata, id } = onlyInterrupt(await thread.say('Trip'));
    await kit.runtime.cancel(String(metadata['run_id']));
    const { last } = await thread.resume({ interruptId: id, status: 'cancelled' });
    if (version === '1.0.0') assert.deepEqual(last['outcome'], { type: 'cancelled' });
    else assert.equal(last['code'], 'cancelled');
  });

  test(`client ${version}: a tool that it offers is left to it`, async (t) => {
    const { kit, url } = await aguiDesk(t, asking);
    const thread = joinThread(url, 'ses_1', version);
    const tools = [{ name: 'get_user_input', description: 'Asks.', parameters: {} }];
    thread.agent.addMessage({ id: 'u1', role: 'user', content: 'Trip' });
    const paused = await thread.run({ tools });
    assert.equal(Object(paused.last['outcome']).type, 'success');
    const [asked] = await kit.runtime.questions();
    const toolCallId = `${thread.agent.messages.at(-1)?.toolCalls?.[0]?.id}`;
    assert.ok(toolCallId.includes(`${asked?.runId}`));
    thread.agent.addMessage({ id: 't1', role: 'tool', toolCallId, content: '{"city":"Rome"}' });
    const done = await thread.run({ tools });
    assert.equal(Object(done.last['result']).final_content, 'done');
  });
}

test('a message is taken again if its run failed or was cancelled', async (t) => {
  let tries = 0;
  const turn = () => {
    tries += 1;
    return tries === 1 ? { status: 400, body: { error: { message: 'no' } } } : 'done';
  };
  const { kit, url } = await aguiDesk(t, { Desk: [turn] });
  const thread = joinThread(url, 'ses_1');
  const failed = await thread.say('Trip');
  assert.equal(failed.last.type, 'RUN_ERROR');
  const again = await thread.run();
  assert.equal(Object(again.last['result']).final_content, 'done');
  assert.equal((await kit.runtime.list()).length, 2);
  const seen = await joinThread(url, 'ses_1').run();
  assert.equal(Object(seen.last['result']).final_content, 'done');
  const snapshot = seen.events.find(({ type }) => type === 'MESSAGES_SNAPSHOT');
  const said = Array.from(Object(snapshot).messages as Message[], ({ content }) => content);
  assert.deepEqual(said, ['Trip', 'done'], 'it was said once');
  assert.equal(Object((await thread.run()).last['result']).final_content, 'done');
  assert.equal((await kit.runtime.list()).length, 2, 'and not again once it is done');
});

test('a client that is refused something learns what waits for the person', async (t) => {
  const { url } = await aguiDesk(t, asking);
  const interrupt = onlyInterrupt(await joinThread(url, 'ses_1').say('Trip'));
  const other = joinThread(url, 'ses_1');
  other.agent.addMessage({ id: 'u9', role: 'user', content: 'Another trip' });
  const { last } = await other.run();
  assert.equal(last['code'], 'run_paused');
  assert.deepEqual(other.agent.state['questions'], [interrupt]);
  assert.equal(other.agent.messages.at(-1)?.content, 'Another trip', 'nothing typed is lost');
});
