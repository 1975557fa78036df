/**
 * Random teams as plain data: who leads whom, and what every agent's model says, turn by turn. Data,
 * so that a failing team is shrunk and printed.
 */
import fc from 'fast-check';
import type { TeamMode } from '../../src/index.ts';
import { type ToolName, toolNames } from './toolbox.ts';

/** One task of a delegation; numbers are taken modulo what there is to choose from. */
export interface TaskSpec {
  /** Makes the task's id. Small, so that ids are used again now and then. */
  readonly id: number;
  readonly member: number;
  /** Which of the tasks before it, of this call or an earlier one, it builds on. */
  readonly after: readonly number[];
}

/** One tool call of a turn. Every other kind than the first two is answered with a refusal. */
export type CallSpec =
  | { readonly kind: 'tool'; readonly tool: ToolName; readonly ms: number }
  | { readonly kind: 'delegation'; readonly tasks: readonly TaskSpec[] }
  | { readonly kind: 'unknownMember' }
  | { readonly kind: 'unknownTool' }
  | { readonly kind: 'badArguments'; readonly tool: ToolName }
  | { readonly kind: 'brokenJson'; readonly tool: ToolName };

export interface TurnSpec {
  readonly calls: readonly CallSpec[];
  /** The provider cut the reply off, so none of its calls may be carried out. */
  readonly cutOff: boolean;
  /** All calls of the turn come with one id. */
  readonly oneId: boolean;
}

export interface AgentSpec {
  readonly mode: TeamMode;
  /** Empty for an agent that leads nobody. */
  readonly members: readonly AgentSpec[];
  readonly turns: readonly TurnSpec[];
  /** How it ends: with a report, or with a model that gives none. */
  readonly ending: 'report' | 'refusal' | 'error';
}

const tool = fc.record({
  kind: fc.constant('tool' as const),
  tool: fc.constantFrom(...toolNames),
  ms: fc.nat(8),
});

const task = fc.record({
  id: fc.nat(5),
  member: fc.nat(3),
  after: fc.array(fc.nat(5), { maxLength: 2 }),
});

const delegation = fc.record({
  kind: fc.constant('delegation' as const),
  tasks: fc.array(task, { minLength: 1, maxLength: 3 }),
});

const refused = fc.oneof(
  fc.constant({ kind: 'unknownMember' as const }),
  fc.constant({ kind: 'unknownTool' as const }),
  fc.record({ kind: fc.constant('badArguments' as const), tool: fc.constantFrom(...toolNames) }),
  fc.record({ kind: fc.constant('brokenJson' as const), tool: fc.constantFrom(...toolNames) }),
);

function turn(leads: boolean, callsMax: number): fc.Arbitrary<TurnSpec> {
  const call = fc.oneof(
    { arbitrary: tool, weight: 6 },
    { arbitrary: delegation, weight: leads ? 6 : 0 },
    { arbitrary: refused, weight: 1 },
  );
  return fc.record({
    calls: fc.array(call, { minLength: 1, maxLength: callsMax }),
    cutOff: fc.oneof({ arbitrary: fc.constant(false), weight: 30 }, fc.constant(true)),
    oneId: fc.oneof({ arbitrary: fc.constant(false), weight: 20 }, fc.constant(true)),
  });
}

const ending = fc.oneof(
  { arbitrary: fc.constant('report' as const), weight: 20 },
  fc.constant('refusal' as const),
  fc.constant('error' as const),
);

const worker: fc.Arbitrary<AgentSpec> = fc.record({
  mode: fc.constant('coordinate' as const),
  members: fc.constant([]),
  turns: fc.array(turn(false, 3), { maxLength: 2 }),
  ending,
});

/** A leader whose members may lead teams of their own, `levels` deep counted from this leader. */
function leader(levels: number, callsMax: number, membersMax = 4): fc.Arbitrary<AgentSpec> {
  const member =
    levels <= 2
      ? worker
      : fc.oneof({ arbitrary: worker, weight: 1 }, { arbitrary: leader(levels - 1, 2), weight: 1 });
  return fc.record({
    mode: fc.constantFrom('coordinate', 'route', 'broadcast', 'tasks'),
    members: fc.array(member, { minLength: 1, maxLength: membersMax }),
    turns: fc.array(turn(true, callsMax), { minLength: 1, maxLength: 2 }),
    ending,
  });
}

/** Teams at most three levels deep, with at most four members each. */
export const teamSpecs: fc.Arbitrary<AgentSpec> = leader(3, 4);

/** Mostly teams of a leader and at most two members, for properties of very many cases. */
export const smallTeamSpecs: fc.Arbitrary<AgentSpec> = fc.oneof(
  { arbitrary: leader(2, 3, 2), weight: 19 },
  { arbitrary: teamSpecs, weight: 1 },
);
