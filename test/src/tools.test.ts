/** Tools: what the model hears of them, and what they are told. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import * as z from 'zod';
import { defineAgent, defineTool, openai, type ToolContext, ToolFailed } from '../../src/index.ts';
import { call, type ToolCallTurn } from '../../src/testing/index.ts';
import { lastRequest } from '../kit/fresh-client.ts';
import { testRuntime } from '../kit/runtime.ts';

type Execute = (input: { guests: number }, context: ToolContext) => unknown;

/** Runs one turn of calls, and tells what the model read as their results. */
async function resultsOf(
  t: TestContext,
  turn: readonly ToolCallTurn[],
  execute: Execute,
  timeoutMs = 60_000,
) {
  const { runtime, model, reported } = await testRuntime(t, { Desk: [turn, 'done'] }, (baseURL) => [
    defineAgent({
      name: 'Desk',
      model: openai('gpt-4o-mini', { baseURL }),
      tools: [
        defineTool({
          name: 'book_table',
          description: 'Books a table.',
          input: z.object({ guests: z.int().min(1) }),
          timeoutMs,
          execute,
        }),
      ],
    }),
  ]);
  const run = await runtime.start({ message: 'Dinner' });
  assert.equal(run.status, 'completed', JSON.stringify(run));
  const results = lastRequest(model, 'Desk').slice(2);
  return { results: results.map((line) => line.replace(/^tool\[.*?\]: /, '')), reported };
}

const book = (args: unknown) => [call('book_table', args, 'b1')];

const outputs: readonly [string, Execute, string][] = [
  ['text', () => 'booked', 'booked'],
  ['an object as JSON', ({ guests }) => ({ guests }), '{"guests":2}'],
  ['nothing', () => undefined, '(no output)'],
  ['empty text', () => '', '(no output)'],
  ['a bigint', () => ({ id: 2n ** 60n }), '{"id":"1152921504606846976"}'],
  ['half an emoji', () => 'x\ud83d', 'x\ufffd'],
  [
    'a cycle',
    () => {
      const loop: Record<string, unknown> = {};
      loop['self'] = loop;
      return loop;
    },
    'The tool did its work, but its output cannot be written as JSON.',
  ],
];

for (const [what, execute, expected] of outputs) {
  test(`a tool may return ${what}`, async (t) => {
    const { results } = await resultsOf(t, book({ guests: 2 }), execute);
    assert.deepEqual(results, [expected]);
  });
}

test('a result of ten megabytes is cut, and says so', async (t) => {
  const { results } = await resultsOf(t, book({ guests: 2 }), () => 'x'.repeat(10_000_000));
  assert.equal(results[0]?.length, 262_144 + '\n(cut after 262144 characters)'.length);
});

test('a sentence that a tool throws reaches the model, and any other error does not', async (t) => {
  const turn = [call('book_table', { guests: 1 }, 'b1'), call('book_table', { guests: 2 }, 'b2')];
  const { results, reported } = await resultsOf(t, turn, ({ guests }) => {
    if (guests === 1) throw new ToolFailed('No table is free.');
    throw new Error('password is hunter2');
  });
  assert.deepEqual(results, ['No table is free.', 'The tool failed.']);
  assert.deepEqual(reported.map(String), ['Error: password is hunter2'], 'you hear of it');
});

test('calls that cannot be carried out are refused in words, and no tool runs', async (t) => {
  let ran = 0;
  const turn = [
    call('book_table', { guests: 0 }, 'b1'),
    call('book_table', '{"guests":', 'b2'),
    call('book_table', '[2]', 'b3'),
    call('book tables', { guests: 2 }, 'b4'),
    call('delegate_task_to_member', { member_id: 'Nobody', task: 'x' }, 'b5'),
  ];
  const { results } = await resultsOf(t, turn, () => {
    ran += 1;
  });
  assert.equal(ran, 0);
  assert.match(results[0] ?? '', /^The arguments of "book_table" do not fit its input: guests: /);
  assert.match(results[1] ?? '', /^The arguments of "book_table" are not a JSON object/);
  assert.match(results[2] ?? '', /^The arguments of "book_table" are not a JSON object/);
  assert.equal(results[3], 'There is no tool "book_tables". There is: "book_table".');
  assert.equal(results[4], 'There is no tool "delegate_task_to_member". There is: "book_table".');
});

test('what a model wrote that cannot be sent again is kept beside what can', async (t) => {
  const turn = [
    { id: 'c1', name: 'book it!', arguments: '{"guests":' },
    call('book_table', { guests: 0 }, 'c2'),
  ];
  const { runtime, db } = await testRuntime(t, { Desk: [turn, 'done'] }, (baseURL) => [
    defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL }) }),
  ]);
  await runtime.start({ message: 'Dinner' });
  const rows = new Database(db, { readonly: true });
  const kept = rows.prepare('SELECT name, arguments, raw_name, raw_arguments FROM tool_call');
  assert.deepEqual(kept.raw().all(), [
    ['book_it_', '{}', 'book it!', '{"guests":'],
    ['book_table', '{"guests":0}', null, null],
  ]);
  rows.close();
});

test('more than 32 calls at a time are refused, each with its result', async (t) => {
  let ran = 0;
  const turn = Array.from({ length: 40 }, (_, n) => call('book_table', { guests: n + 1 }, `b${n}`));
  const { results } = await resultsOf(t, turn, () => {
    ran += 1;
    return 'booked';
  });
  assert.equal(ran, 32);
  assert.equal(results.length, 40);
  assert.match(results[39] ?? '', /^At most 32 calls/);
});

test('a tool that takes too long is told to stop, and its call is answered', async (t) => {
  let stopped = false;
  const execute: Execute = async (_, { signal }) => {
    signal.addEventListener('abort', () => {
      stopped = true;
    });
    await sleep(5_000, undefined, { ref: false });
  };
  const { results } = await resultsOf(t, book({ guests: 2 }), execute, 50);
  assert.equal(stopped, true);
  assert.match(results[0] ?? '', /^The tool did not finish within 50 ms/);
});

test('each call has an idempotency key of its own', async (t) => {
  const keys: string[] = [];
  const turn = [call('book_table', { guests: 1 }, 'b1'), call('book_table', { guests: 1 }, 'b2')];
  await resultsOf(t, turn, (_, context) => {
    keys.push(context.idempotencyKey);
    assert.equal(context.askedBy, 'Desk');
    assert.match(context.runId, /^run_/);
  });
  assert.equal(new Set(keys).size, 2);
});

test('ids that a model repeats are made unique before they are sent back', async (t) => {
  const turn = [
    call('book_table', { guests: 1 }, 'same'),
    call('book_table', { guests: 2 }, 'same'),
  ];
  const { results } = await resultsOf(t, turn, ({ guests }) => `for ${guests}`);
  assert.deepEqual(results, ['for 1', 'for 2']);
});

test('what no store and no API could take is refused, and the run goes on', async (t) => {
  let ran = 0;
  const deep = `${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`;
  const turn = [
    call('book_table', deep, 'b1'),
    call('book_table', `{"guests":2,"x":"${'x'.repeat(1_200_000)}"}`, 'b2'),
    call('unknown', deep, 'b3'),
  ];
  const { results } = await resultsOf(t, turn, () => {
    ran += 1;
  });
  assert.equal(ran, 0);
  for (const result of results) assert.match(result, /are not a JSON object of at most/);
});

test('of two hundred calls in one reply, as many are taken as can be sent back', async (t) => {
  const turn = Array.from({ length: 200 }, (_, n) =>
    call('book_table', { guests: n + 1 }, `b${n}`),
  );
  const { results } = await resultsOf(t, turn, () => 'booked');
  assert.equal(results.length, 128);
});

test('the same call again and again is refused', async (t) => {
  const turn = Array.from({ length: 7 }, (_, n) => call('book_table', { guests: 1 }, `b${n}`));
  const { results } = await resultsOf(t, turn, () => 'booked');
  assert.deepEqual(results.slice(0, 5), Array(5).fill('booked'));
  assert.match(results[6] ?? '', /^You made this very call/);
});

for (const api of ['chat', 'responses'] as const) {
  test(`a tool may take a record, whose names nobody knows before: ${api}`, async (t) => {
    const turns = { Desk: [[call('note', { tea: 'green' }, 'n1')], 'done'] };
    const { runtime } = await testRuntime(t, turns, (baseURL) => [
      defineAgent({
        name: 'Desk',
        model: openai('gpt-4o-mini', { baseURL, api }),
        tools: [
          defineTool({
            name: 'note',
            description: 'Notes things.',
            input: z.record(z.string(), z.string()),
            execute: (input) => input,
          }),
        ],
      }),
    ]);
    const run = await runtime.start({ message: 'Note this' });
    assert.equal(run.status, 'completed', JSON.stringify(run));
  });
}
