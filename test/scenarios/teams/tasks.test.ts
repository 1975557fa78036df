/** Teams that plan tasks: what builds on what, what runs side by side, and what never runs again. */
import assert from 'node:assert/strict';
import type { Turn } from '../../../src/testing/index.ts';
import { askers, freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, modelCalls, type PlannedTask, runTasks } from '../../kit/team-run.ts';
import { ask, note } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';

const tasks = { team: 'tasks', message: 'Trip' };

/** Reports the task's own text, so that each result shows whose it is. */
const report: Turn = ({ messages }) =>
  `did ${messages
    .slice(1)
    .map(({ content }) => content)
    .join(' / ')}`;

test('tasks that build on nothing run side by side, and the others when they can', async (t) => {
  let atOnce = 0;
  const met = Promise.withResolvers<void>();
  const together: Turn = async () => {
    atOnce += 1;
    if (atOnce === 2) met.resolve();
    await met.promise;
    return 'met';
  };
  const kit = await testRuntime(
    t,
    {
      tasks: [[runTasks('c1', ['t1', 'A'], ['t2', 'B'], ['t3', 'C', 't1', 't2'])], 'done'],
      A: [together],
      B: [together],
      C: [report],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(tasks)), 'done');
  const brief = 'What your task builds on:\n[t1] met\n[t2] met';
  assert.deepEqual(lastRequest(kit.model, 'C'), ['user: do t3', `user: ${brief}`]);
  assert.deepEqual(lastRequest(kit.model, 'tasks').slice(2), [
    `tool[c1]: [t1] met\n[t2] met\n[t3] did do t3 / ${brief}`,
  ]);
});

test('a resumed task is not run twice, and those behind it begin then, each by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/modes.ts',
    agents: {
      tasks: [[runTasks('c1', ['t1', 'A'], ['t2', 'B'], ['t3', 'C', 't1'])], 'done'],
      A: [[note('n', 'A')], [ask('g', 'city')], 'A RESULT'],
      B: [[note('n', 'B')], 'B RESULT'],
      C: [[note('n', 'C')], [ask('g', 'city')], 'C RESULT'],
    },
  });
  const { body: run } = await client.post('/chat', tasks);
  assert.deepEqual(askers(run), ['A']);
  assert.deepEqual(client.witness().sort(), ['A', 'B'], 'what builds on a pause has not begun');
  const later = await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  assert.deepEqual(askers(later), ['C']);
  const end = await client.resume(run.run_id, { [questionBy(later, 'C')]: { city: 'Oslo' } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(client.witness().sort(), ['A', 'B', 'C']);
  assert.deepEqual(['tasks', 'A', 'B', 'C'].map(client.modelCalls), [2, 3, 2, 3]);
});

test('a task that fails skips what builds on it and nothing else, and may be given again', async (t) => {
  let tries = 0;
  const kit = await testRuntime(
    t,
    {
      tasks: [
        [runTasks('c1', ['t1', 'A'], ['t2', 'B', 't1'], ['t3', 'B', 't2'], ['t4', 'C'])],
        [runTasks('c2', ['t5', 'B', 't1'])],
        [runTasks('c3', ['t1', 'A'], ['t2', 'B', 't1'])],
        'done',
      ],
      A: [
        () => {
          tries += 1;
          return tries === 1 ? { status: 400 } : 'A RESULT';
        },
      ],
      B: ['B RESULT'],
      C: ['C RESULT'],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(tasks)), 'done');
  const skipped = 'Not begun, because a task that it builds on was not finished.';
  const failed = 'The member could not finish: The model "gpt-4o-mini" answered 400.';
  assert.deepEqual(lastRequest(kit.model, 'tasks').slice(1), [
    'assistant[c1]',
    `tool[c1]: [t1] ${failed}\n[t2] ${skipped}\n[t3] ${skipped}\n[t4] C RESULT`,
    'assistant[c2]',
    'tool[c2]: Task "t1" was not finished, so nothing can depend on it. Give it again, in the same call.',
    'assistant[c3]',
    'tool[c3]: [t1] A RESULT\n[t2] B RESULT',
  ]);
  assert.equal(modelCalls(kit, 'B'), 1);
});

test('a later call builds on earlier tasks, and runs none of them again, also after a restart', async (t) => {
  const kit = await testRuntime(
    t,
    {
      tasks: [
        [runTasks('c1', ['t1', 'A'])],
        [runTasks('c2', ['t2', 'B', 't1'])],
        [runTasks('c3', ['t1', 'A'], ['t3', 'B'])],
        'done',
      ],
      A: [[ask('g', 'city')], 'A RESULT'],
      B: ['B RESULT'],
    },
    modeTeams,
  );
  const run = await kit.runtime.start(tasks);
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } });
  assert.equal(contentOf(end), 'done');
  const task = 'user: do t2\n\nWhat it builds on:\n[t1] A RESULT';
  assert.deepEqual(lastRequest(kit.model, 'B'), [task]);
  assert.equal(
    lastRequest(kit.model, 'tasks').at(-1),
    'tool[c3]: Task "t1" is done already and is not run again: A RESULT',
  );
  assert.deepEqual([modelCalls(kit, 'A'), modelCalls(kit, 'B')], [2, 1]);
});

const unusable: readonly [string, readonly PlannedTask[], string][] = [
  [
    'gives one id twice',
    [
      ['t1', 'A'],
      ['t1', 'B'],
    ],
    'Two tasks have the id "t1".',
  ],
  ['builds on itself', [['t1', 'A', 't1']], 'Task "t1" depends on itself.'],
  [
    'goes in a circle',
    [
      ['t0', 'A', 't1'],
      ['t1', 'A', 't2'],
      ['t2', 'B', 't3'],
      ['t3', 'C', 't1'],
    ],
    'Task "t1" depends on itself.',
  ],
  [
    'builds on a task that is not there',
    [['t1', 'A', 't9']],
    'There is no task "t9" to depend on.',
  ],
  [
    'asks for somebody else',
    [
      ['t1', 'A'],
      ['t2', 'Zoe'],
    ],
    '"Zoe" is not a member of your team. Your members are: "A", "B", "C".',
  ],
];

for (const [what, list, sentence] of unusable) {
  test(`a list of tasks that ${what} is refused in words, and none of it runs`, async (t) => {
    const kit = await testRuntime(t, { tasks: [[runTasks('c1', ...list)], 'done'] }, modeTeams);
    assert.equal(contentOf(await kit.runtime.start(tasks)), 'done');
    assert.deepEqual(lastRequest(kit.model, 'tasks').slice(2), [`tool[c1]: ${sentence}`]);
  });
}

test('an id that JavaScript keeps for itself is refused, and the run goes on', async (t) => {
  const kit = await testRuntime(
    t,
    {
      tasks: [[runTasks('c1', ['__proto__', 'A'])], [runTasks('c2', ['constructor', 'A'])], 'done'],
      A: ['A RESULT'],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(tasks)), 'done');
  const lines = lastRequest(kit.model, 'tasks');
  assert.match(lines[2] ?? '', /^tool\[c1\]: The arguments of "run_tasks" do not fit/);
  assert.equal(lines[4], 'tool[c2]: A RESULT');
});

test('two lists in one reply share no task', async (t) => {
  const kit = await testRuntime(
    t,
    {
      tasks: [
        [
          runTasks('c1', ['t1', 'A']),
          runTasks('c2', ['t1', 'A']),
          runTasks('c3', ['t2', 'B', 't1']),
          runTasks('c4', ['t3', 'C']),
        ],
        'done',
      ],
      A: ['A RESULT'],
      C: ['C RESULT'],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(tasks)), 'done');
  assert.deepEqual(lastRequest(kit.model, 'tasks').slice(2), [
    'tool[c1]: A RESULT',
    'tool[c2]: Task "t1" was begun by another call of the same reply.',
    'tool[c3]: Task "t1" was begun by another call of the same reply. Plan tasks that depend on each other in one call.',
    'tool[c4]: C RESULT',
  ]);
  assert.equal(modelCalls(kit, 'A'), 1);
});
