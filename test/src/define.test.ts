/** What can be refused while a team is defined is refused there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { parametersOf } from '../../src/define/tool.ts';
import {
  createRuntime,
  DefinitionError,
  defineAgent,
  defineTeam,
  defineTool,
  getUserInput,
  openai,
  sqliteStore,
} from '../../src/index.ts';

const model = openai('gpt-4o-mini');
const input = z.object({ line: z.string() });
const tool = (name: string) => defineTool({ name, description: 'd', input, execute: () => 'x' });
const member = (name: string) => defineAgent({ name, role: 'r', model });

const refusals: readonly [string, () => unknown, string, RegExp][] = [
  ['a tool name with a space', () => tool('book table'), 'name_unusable', /"book table"/],
  ['an empty agent name', () => defineAgent({ name: '', model }), 'name_unusable', /""/],
  [
    'a schema that is no object',
    () => defineTool({ name: 't', description: 'd', input: z.string(), execute: () => 1 }),
    'schema_unusable',
    /z\.object/,
  ],
  [
    'a schema that JSON Schema cannot say',
    () =>
      defineTool({
        name: 't',
        description: 'd',
        input: z.object({ d: z.date() }),
        execute: () => 1,
      }),
    'schema_unusable',
    /JSON Schema/,
  ],
  [
    'a time limit of zero',
    () => defineTool({ name: 't', description: 'd', input, timeoutMs: 0, execute: () => 1 }),
    'limit_unusable',
    /timeoutMs 0/,
  ],
  [
    'two tools of one name',
    () => defineAgent({ name: 'a', model, tools: [getUserInput(), tool('get_user_input')] }),
    'name_taken',
    /"get_user_input"/,
  ],
  [
    'a leader with its own delegate_task_to_member',
    () =>
      defineTeam({
        name: 't',
        model,
        members: [member('a')],
        tools: [tool('delegate_task_to_member')],
      }),
    'name_taken',
    /delegate_task_to_member/,
  ],
  [
    'two members of one name',
    () => defineTeam({ name: 't', model, members: [member('a'), member('a')] }),
    'name_taken',
    /two members named "a"/,
  ],
  [
    'a member without a role',
    () => defineTeam({ name: 't', model, members: [defineAgent({ name: 'a', model })] }),
    'description_missing',
    /"a" has no role/,
  ],
  [
    'a team without members',
    () => defineTeam({ name: 't', model, members: [] }),
    'limit_unusable',
    /no members/,
  ],
  [
    'teams nested nine levels deep',
    () => {
      let inner = member('a');
      for (let depth = 2; depth <= 9; depth += 1) {
        inner = defineTeam({ name: `t${depth}`, role: 'r', model, members: [inner] });
      }
    },
    'limit_unusable',
    /9 levels/,
  ],
];

for (const [what, define, code, sentence] of refusals) {
  test(`${what} is refused at definition`, () => {
    assert.throws(define, (error) => {
      assert.ok(error instanceof DefinitionError);
      assert.equal(error.code, code);
      assert.match(error.message, sentence);
      return true;
    });
  });
}

test('a runtime without a team is refused', async () => {
  const store = sqliteStore(':memory:');
  await assert.rejects(createRuntime({ teams: [], store }), { code: 'teams_missing' });
  await store.close();
});

test('definitions are frozen, so that what runs is what was defined', () => {
  const team = defineTeam({ name: 't', model, members: [member('a')] });
  for (const part of [team, team.members, team.tools, team.instructions, tool('x')]) {
    assert.ok(Object.isFrozen(part));
  }
});

test('whoever changes the schema of a tool that it was given changes it for nobody else', () => {
  const tool = { name: 'send', input: z.object({ to: z.string() }) };
  const given = parametersOf(tool);
  const before = structuredClone(given);
  // As a model does whose provider wants it so.
  Object.assign(given, { additionalProperties: false });
  Object.assign(Object(given['properties']).to, { type: 'number' });
  assert.deepEqual(parametersOf(tool), before);
});
