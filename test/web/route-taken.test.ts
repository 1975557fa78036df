/** The way that a chart marks for a step is one that the machine can have gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeTaken } from '../../server/web/chart/route-taken.ts';
import { type ActorKind, chartOf } from '../../src/index.ts';

interface Case {
  readonly kind: ActorKind;
  readonly from: string | null;
  readonly to: string;
  readonly event: string;
  /** The states that the way leads through, the first and the last among them. */
  readonly way: string;
}

const waiting = 'answeringCalls.awaitingUserInput';
const pending = 'answeringCalls.toolResultPending';

const cases: readonly Case[] = [
  { kind: 'agent', from: null, to: 'thinking', event: 'run.started', way: '* thinking' },
  {
    kind: 'agent',
    from: 'thinking',
    to: waiting,
    event: 'model.replied',
    way: `thinking answeringCalls answeringCalls.* ${pending} ${pending} ${waiting}`,
  },
  {
    kind: 'agent',
    from: waiting,
    to: 'thinking',
    event: 'user.answered',
    way: 'answeringCalls thinking',
  },
  {
    kind: 'agent',
    from: 'thinking',
    to: 'done',
    event: 'model.replied',
    way: 'thinking completing completing done',
  },
  {
    kind: 'agent',
    from: waiting,
    to: 'failed',
    event: 'run.failed',
    way: 'answeringCalls failing failing failed',
  },
  {
    kind: 'agent',
    from: 'thinking',
    to: 'cancelled',
    event: 'run.failed',
    way: 'thinking cancelled',
  },
  {
    kind: 'toolCall',
    from: null,
    to: 'answered',
    event: 'model.replied',
    way: '* routing routing refused refused answered',
  },
  {
    kind: 'toolCall',
    from: 'delegating',
    to: 'answered',
    event: 'model.replied',
    way: 'delegating answered',
  },
  {
    kind: 'toolCall',
    from: 'delegating',
    to: 'answered',
    event: 'run.failed',
    way: 'delegating cancelling cancelling answered',
  },
  {
    kind: 'toolCall',
    from: 'awaitingUserInput',
    to: 'toolResultPending',
    event: 'user.answered',
    way: 'awaitingUserInput toolResultPending',
  },
  { kind: 'agent', from: 'done', to: 'thinking', event: 'run.started', way: '' },
];

for (const { kind, from, to, event, way } of cases) {
  test(`${kind}: ${event} leads from ${from} to ${to}`, () => {
    const route = routeTaken(chartOf(kind).edges, { from, to }, event);
    assert.equal(route.map((edge) => `${edge.from} ${edge.to}`).join(' '), way);
  });
}
