/** What a saved run needs of the code, and what is no difference to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { differencesOf } from '../../src/compatibility.ts';
import { definitionOf } from '../../src/define/describe.ts';
import {
  type Agent,
  defineAgent,
  defineTeam,
  defineTool,
  diagnose,
  openai,
  sqliteReader,
} from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { changingRuntime } from '../kit/changing.ts';
import { ask } from '../kit/turns.ts';
import type { Version } from '../teams/changing.ts';

const model = openai('gpt-4o-mini', { apiKey: 'test' });

function definitionWith(input: z.ZodType, askUser: z.ZodObject): string {
  const execute = () => 'done';
  const tool = defineTool({ name: 'book', description: 'Books.', input, askUser, execute });
  return definitionOf(defineAgent({ name: 'Desk', model, tools: [tool] }));
}

test('other words and another order describe the same tool, other values do not', () => {
  const a = z.object({ when: z.iso.date().describe('Which day?'), title: z.string().optional() });
  const b = z.object({ title: z.string().describe('Of what?').optional(), when: z.iso.date() });
  const seat = z.object({ seat: z.enum(['a', 'b']).describe('Where?') });
  const same = z.object({ seat: z.enum(['a', 'b']).describe('Which seat?') });
  assert.equal(definitionWith(a, seat), definitionWith(b, same));
  const others = [
    [z.object({ when: z.iso.date() }), seat],
    [z.object({ when: z.string(), title: z.string().optional() }), seat],
    [z.object({ when: z.iso.date(), title: z.string() }), seat],
    [a, z.object({ seat: z.enum(['a', 'b', 'c']) })],
  ] as const;
  for (const [input, user] of others) {
    assert.notEqual(definitionWith(a, seat), definitionWith(input, user));
  }
});

const planned: Record<string, readonly Turn[]> = {
  Desk: [
    [
      call(
        'run_tasks',
        {
          tasks: [
            { id: 'one', member_id: 'Clerk', task: 'Ask.' },
            { id: 'two', member_id: 'Porter', task: 'Carry.', depends_on: ['one'] },
          ],
        },
        'c',
      ),
    ],
    'done',
  ],
  Clerk: [[ask('g', 'city')], 'asked'],
  Porter: ['carried'],
};

test('a member whose task has not begun is needed, one whose task ended is not', async (t) => {
  const kit = await changingRuntime(t, planned);
  const version: Version = { mode: 'tasks', members: ['Porter', 'Maid'] };
  await (await kit.open(version)).start({ message: 'Trip' });
  await kit.close();
  const reader = sqliteReader(kit.db);
  const [saved] = await reader.unfinished({ limit: 1 });
  await reader.close();
  assert.ok(saved);
  const agent = (name: string) => defineAgent({ name, role: 'r', model });
  const team = (...members: string[]): Agent =>
    defineTeam({ name: 'Desk', mode: 'tasks', model, members: members.map(agent) });
  const gone = (now: Agent) =>
    differencesOf(saved, new Map([['Desk', now]])).flatMap(({ kind, agent }) =>
      kind === 'agent_gone' ? [agent] : [],
    );
  assert.deepEqual(gone(team('Clerk', 'Porter')), []);
  assert.deepEqual(gone(team('Clerk')), ['Desk/Porter']);
  assert.deepEqual(gone(team('Maid')), ['Desk/Clerk', 'Desk/Porter']);
  const later = saved.snapshot?.replace('"reported":[]', '"reported":["two"]') ?? '';
  assert.deepEqual(
    differencesOf({ ...saved, snapshot: later }, new Map([['Desk', team('Clerk')]])).map(
      ({ kind }) => kind,
    ),
    ['tool_gone'],
    'only the tool that asked is missed',
  );
});

test('the diagnosis tells of every unfinished run, page after page, and changes nothing', async (t) => {
  const kit = await changingRuntime(t, { Desk: [[ask('g', 'city')], 'done'] });
  const runtime = await kit.open();
  const runs = await Promise.all(
    Array.from({ length: 205 }, () => runtime.start({ message: 'Trip' })),
  );
  const [first] = runs;
  await runtime.cancel(first?.id ?? '');
  const reader = sqliteReader(kit.db);
  const found = await diagnose(reader, []);
  await reader.close();
  assert.equal(found.length, 204);
  assert.deepEqual(
    new Set(found.map(({ runId }) => runId)),
    new Set(runs.slice(1).map(({ id }) => id)),
  );
  const [one] = found;
  assert.equal(one?.verdict, 'refused');
  assert.deepEqual(
    one?.differences.map(({ kind }) => kind),
    ['team_gone'],
  );
  assert.equal(one?.since.getTime(), (await runtime.get(one?.runId ?? '')).updatedAt.getTime());
});
