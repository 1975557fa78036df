/** Deadlines of single questions, and answers that are given beforehand. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  ask,
  askUserChoice,
  type Deadline,
  DefinitionError,
  defineAgent,
  defineTool,
  getUserInput,
  openai,
  type Tool,
  type ToolContext,
} from '../../../src/index.ts';
import { call, type ToolCallTurn } from '../../../src/testing/index.ts';
import { lastRequest } from '../../kit/fresh-client.ts';
import { resultsIn } from '../../kit/pauses.ts';
import { testRuntime } from '../../kit/runtime.ts';
import * as turns from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const declined = 'Nobody answered in time, so this was declined.';

/** Waits until nobody answered a turn of calls, and returns what the model read as results. */
async function unanswered(t: TestContext, turn: readonly ToolCallTurn[], tools: readonly Tool[]) {
  const kit = await testRuntime(t, { Desk: [turn, 'done'] }, (baseURL) => [
    defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL }), tools }),
  ]);
  const { id } = await kit.runtime.start({ message: 'Work' });
  for (let run = await kit.runtime.get(id); run.status !== 'completed'; ) {
    await sleep(20);
    run = await kit.runtime.get(id);
    assert.notEqual(run.status, 'failed');
  }
  return resultsIn(lastRequest(kit.model, 'Desk'));
}

function asking(deadline: Deadline | undefined, own?: Deadline) {
  return defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({}),
    ...(deadline ? { deadline } : {}),
    execute: (_, { answers }: ToolContext) => {
      if (answers.length > 0) return answers;
      return ask(z.object({ code: z.string() }), 'Which code?', own ? { deadline: own } : {});
    },
  });
}

const work = [call('work', {}, 'w')];

test('the default answer to what a tool asks reaches its body', async (t) => {
  const tool = asking(undefined, { afterMs: 30, onExpiry: { answer: { code: 'none' } } });
  assert.deepEqual(await unanswered(t, work, [tool]), { w: '[{"code":"none"}]' });
});

test("what a tool asks has the tool's deadline, unless it has its own", async (t) => {
  const tools = [asking({ afterMs: 30, onExpiry: 'decline' })];
  assert.deepEqual(await unanswered(t, work, tools), { w: declined });
});

test('a default answer that does not fit what is asked counts as none', async (t) => {
  const tools = [asking({ afterMs: 30, onExpiry: { answer: { colour: 'red' } } })];
  assert.deepEqual(await unanswered(t, work, tools), { w: declined });
});

test('a default answer may approve, and fills in only what is asked', async (t) => {
  const tool = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ amount: z.int() }),
    approval: ({ amount }) => amount > 100,
    askUser: z.object({ from: z.string(), tip: z.int().default(1) }),
    deadline: { afterMs: 30, onExpiry: { answer: { approved: true, from: 'savings' } } },
    execute: ({ amount }, { user }) => `${amount} from ${user.from}, ${user.tip} more`,
  });
  const turn = [call('pay', { amount: 500 }, 'p1'), call('pay', { amount: 5 }, 'p2')];
  assert.deepEqual(await unanswered(t, turn, [tool]), {
    p1: '500 from savings, 1 more',
    p2: '5 from savings, 1 more',
  });
});

test('another system that does not answer in time is answered for', async (t) => {
  const tool = defineTool({
    name: 'ship',
    description: 'Ships.',
    input: z.object({}),
    output: z.object({ days: z.int() }),
    deadline: { afterMs: 30, onExpiry: { answer: { result: { days: 0 } } } },
  });
  assert.deepEqual(await unanswered(t, [call('ship', {}, 's')], [tool]), { s: '{"days":0}' });
});

test('the questions of the built-in tools can have a deadline', async (t) => {
  const deadline: Deadline = { afterMs: 30, onExpiry: 'decline' };
  const options = [{ label: 'yes' }, { label: 'no' }];
  const turn = [
    turns.ask('g', 'city'),
    call('ask_user', { questions: [{ question: 'Sure?', options }] }, 'u'),
  ];
  const tools = [getUserInput({ deadline }), askUserChoice({ deadline })];
  assert.deepEqual(await unanswered(t, turn, tools), { g: declined, u: declined });
});

test('deadlines that cannot be kept are refused when they are defined', () => {
  const tool = { name: 'work', description: 'Works.', input: z.object({}) };
  const own = { askUser: z.object({ n: z.int() }), execute: () => 'worked' };
  const refused = (deadline: Deadline, code: string, more: object = own) =>
    assert.throws(
      () => defineTool({ ...tool, ...more, deadline }),
      (error: unknown) => error instanceof DefinitionError && error.code === code,
    );
  for (const afterMs of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
    refused({ afterMs, onExpiry: 'decline' }, 'limit_unusable');
    const deadline: Deadline = { afterMs, onExpiry: 'fail' };
    assert.throws(() => ask(z.object({ a: z.string() }), 'A?', { deadline }), DefinitionError);
  }
  for (const answer of [{}, { n: 'x' }, { n: 1, m: 2 }]) {
    refused({ afterMs: 1, onExpiry: { answer } }, 'tool_unusable');
  }
  refused({ afterMs: 1, onExpiry: { answer: { n: 1 } } }, 'tool_unusable', {
    ...own,
    approval: 'always',
  });
  refused({ afterMs: 1, onExpiry: { answer: { text: 'x' } } }, 'tool_unusable', {});
});
