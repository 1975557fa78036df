import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type OpenAI from 'openai';
import { type ModelServer, startModelServer } from '../../src/testing/index.ts';
import { assertPublishedShape } from '../kit/openai-schema.ts';
import { client } from './requests.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Tool = OpenAI.ChatCompletionTool;

const delegate: Tool = {
  type: 'function',
  function: {
    name: 'delegate_task_to_member',
    parameters: {
      type: 'object',
      properties: {
        member_id: { type: 'string', enum: ['WorkerAgent', 'Another'] },
        task: { type: 'string' },
      },
    },
  },
};
const ask: Tool = {
  type: 'function',
  function: { name: 'get_user_input', parameters: { type: 'object', properties: {} } },
};

const FIRST = 'What comes to mind first when you think of Coffee?';
const SECOND = 'What would you most like to know about Coffee?';

let server: ModelServer;
before(async () => {
  server = await startModelServer();
});
after(() => {
  assertPublishedShape(server.requests);
  return server.close();
});

const said = (text: string): Message => ({ role: 'user', content: text });
async function reply(messages: Message[], tools: Tool[] = []) {
  const completion = await client(server).chat.completions.create({
    model: 'gpt-4o-mini',
    messages,
    ...(tools.length > 0 ? { tools } : {}),
  });
  const message = completion.choices[0]?.message;
  assert.ok(message);
  return message;
}
async function onlyCall(messages: Message[], tools: Tool[]) {
  const message = await reply(messages, tools);
  const [made, ...more] = message.tool_calls ?? [];
  assert.ok(made?.type === 'function');
  assert.equal(more.length, 0);
  return {
    message,
    id: made.id,
    name: made.function.name,
    args: JSON.parse(made.function.arguments),
  };
}
const answer = (tool_call_id: string, content: string): Message => ({
  role: 'tool',
  tool_call_id,
  content,
});
async function questionsAbout(topic: string): Promise<string> {
  const { args } = await onlyCall([said(topic)], [ask]);
  return args.user_input_fields[0].field_description;
}

describe('the rehearsal of the default team', () => {
  it('delegates, asks, and reports the answers to the end', async () => {
    const toLeader = [said('Coffee')];
    const delegation = await onlyCall(toLeader, [delegate]);
    assert.equal(delegation.name, 'delegate_task_to_member');
    assert.deepEqual(delegation.args, { member_id: 'WorkerAgent', task: 'Coffee' });

    const toWorker = [said(delegation.args.task)];
    const question = await onlyCall(toWorker, [ask]);
    assert.equal(question.name, 'get_user_input');
    assert.deepEqual(question.args.user_input_fields, [
      { field_name: 'question_1', field_type: 'str', field_description: FIRST },
      { field_name: 'question_2', field_type: 'str', field_description: SECOND },
    ]);

    const values = JSON.stringify({ question_1: 'black', question_2: 'twice a day' });
    const report = await reply([...toWorker, question.message, answer(question.id, values)], [ask]);
    assert.equal(
      report.content,
      `About Coffee, you said: "${FIRST}" — black; "${SECOND}" — twice a day.`,
    );

    const final = await reply(
      [...toLeader, delegation.message, answer(delegation.id, report.content ?? '')],
      [delegate],
    );
    assert.equal(final.content, `The WorkerAgent reports: ${report.content}`);
    assert.equal(final.tool_calls, undefined);
  });

  it('begins again with the next user message', async () => {
    const first = await onlyCall([said('Coffee')], [delegate]);
    const again = await onlyCall(
      [
        said('Coffee'),
        first.message,
        answer(first.id, 'done'),
        { role: 'assistant', content: 'The WorkerAgent reports: done' },
        said('Tea'),
      ],
      [delegate],
    );
    assert.equal(again.args.task, 'Tea');
  });
});

describe('a rehearsed report', () => {
  it('gives an answer that is no set of values as it is', async () => {
    const question = await onlyCall([said('Coffee')], [ask]);
    for (const content of ['The person declined.', '[]', '{}', '{"a":']) {
      const report = await reply(
        [said('Coffee'), question.message, answer(question.id, content)],
        [ask],
      );
      assert.equal(report.content, `About Coffee: ${content}`);
    }
  });

  it('gives values that are no texts as JSON and unknown fields by their names', async () => {
    const question = await onlyCall([said('Coffee')], [ask]);
    const values = answer(question.id, '{"question_1":["a",2],"milk":false}');
    const report = await reply([said('Coffee'), question.message, values], [ask]);
    assert.equal(report.content, `About Coffee, you said: "${FIRST}" — ["a",2]; "milk" — false.`);
  });

  it('gives the result of any other tool', async () => {
    const made: Message = {
      role: 'assistant',
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'look_up', arguments: '' } },
      ],
    };
    const report = await reply([said('Coffee'), made, answer('call_a', 'found')], [ask, delegate]);
    assert.equal(report.content, 'The tool "look_up" answered: found');
  });
});

describe('a rehearsed reply', () => {
  it('is plain words where there is nothing to call', async () => {
    const plain = 'This is a rehearsal without a model. I have read your message about Coffee.';
    assert.equal((await reply([said('Coffee')])).content, plain);
    const forbidden = await client(server).chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [said('Coffee')],
      tools: [ask],
      tool_choice: 'none',
    });
    assert.equal(forbidden.choices[0]?.message.content, plain);
  });

  it('quotes a sentence and shortens a long one between words', async () => {
    assert.equal(
      await questionsAbout('Plan my holiday in Spain.'),
      'What comes to mind first when you think of “Plan my holiday in Spain”?',
    );
    assert.equal(
      await questionsAbout(`Plan ${'a long and quiet holiday '.repeat(20)}`),
      'What comes to mind first when you think of “Plan a long and quiet holiday a long and quiet holiday a…”?',
    );
    const shortened = await questionsAbout('🍵'.repeat(4000));
    assert.ok(shortened.isWellFormed() && shortened.includes(`“${'🍵'.repeat(60)}…”`));
  });

  it('to an empty message is about this topic', async () => {
    assert.equal((await onlyCall([said(' \n')], [delegate])).args.task, 'this topic');
    assert.match(await questionsAbout(''), /when you think of this topic\?$/);
    assert.match(
      (await reply([{ role: 'system', content: 'Hm.' }])).content ?? '',
      /this topic\.$/,
    );
  });

  it('asks instead of delegating where no members are listed', async () => {
    const bare: Tool = { type: 'function', function: { name: 'delegate_task_to_member' } };
    assert.equal((await onlyCall([said('Coffee')], [bare, ask])).name, 'get_user_input');
  });
});
