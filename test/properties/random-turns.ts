/**
 * Random teams, answers and crashes, many and fast: no request that leaves the driver is one that the
 * strict server refuses, on both wires, streamed and in one piece.
 *
 * All of it is the real thing but two: the database is in memory, and requests do not go through a
 * socket. What else must hold of a random run is looked at in `random-teams.ts`.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Question,
  RequestError,
  type Run,
  type Runtime,
  sqliteStore,
} from '../../src/index.ts';
import type { Store } from '../../src/stores/store.ts';
import type { Turn, Wire } from '../../src/testing/turn.ts';
import { valuesFor } from './answers.ts';
import { type InProcessModel, inProcessModel } from './in-process-model.ts';
import { Life } from './lives.ts';
import { scriptsOf, teamOf } from './team-scripts.ts';
import { type AgentSpec, smallTeamSpecs } from './team-specs.ts';
import { type Host, toolbox } from './toolbox.ts';
import { isScripted } from './world.ts';

/** What happens to one team. */
interface Case {
  readonly team: AgentSpec;
  readonly wire: Wire;
  readonly stream: boolean;
  /** Whether the model reasons before it speaks. */
  readonly reasons: boolean;
  /** How many boundaries each life passes before it dies; the one after the last lives on. */
  readonly crashes: readonly number[];
  /** Decides which questions are answered, and how. */
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  team: smallTeamSpecs.map(atOnce),
  wire: fc.constantFrom('chat', 'responses'),
  stream: fc.boolean(),
  reasons: fc.boolean(),
  crashes: fc.array(fc.oneof(fc.nat(15), fc.nat(60)), { maxLength: 3 }),
  seed: fc.nat(999),
});

/** What was met, so that a property which holds of nothing is seen. */
export interface Met {
  cases: number;
  requests: number;
  crashes: number;
  answers: number;
}

/** A store in memory gets slower and bigger with every run that it keeps. */
const casesPerStore = 50;

/** What a run never fails with. */
const bugs: readonly string[] = ['internal_error', 'unsendable_transcript'];

/** More rounds than the limit on questions lets any run need. */
const roundsMax = 300;

/**
 * Checks the property.
 *
 * @throws Error with the smallest case that was found, its seed and its path
 */
export async function checkTurns(parameters: fc.Parameters<[Case]>): Promise<Met> {
  const met: Met = { cases: 0, requests: 0, crashes: 0, answers: 0 };
  let store: Store | undefined;
  let played = 0;
  const property = fc.asyncProperty(cases, async (one) => {
    store ??= sqliteStore(':memory:');
    const keep = store;
    played += 1;
    // A case that fails leaves behind what would disturb the next one.
    if (played % casesPerStore === 0) store = undefined;
    const before = store;
    store = undefined;
    await new Turns(one, keep, met).play();
    store = before;
    if (!store) await keep.close();
  });
  await fc.assert(property, parameters);
  await (store as Store | undefined)?.close();
  return met;
}

/** The life of the moment. One after the other, so the tools are made once. */
let living: Life | undefined;
const host: Host = {
  enter: () => undefined,
  alive: (work) => living?.alive(work) ?? Promise.reject(new Error('Nobody lives.')),
};
const tools = toolbox(host);

class Turns {
  readonly #case: Case;
  readonly #store: Store;
  readonly #met: Met;
  readonly #model: InProcessModel;
  readonly #unexpected: unknown[] = [];
  readonly #crashes: number[];
  #life: Life | undefined;
  #runtime: Runtime | undefined;

  constructor(one: Case, store: Store, met: Met) {
    const { team, wire, stream, reasons } = one;
    this.#case = one;
    this.#store = store;
    this.#met = met;
    this.#crashes = [...one.crashes];
    const scripts = scriptsOf(team);
    this.#model = inProcessModel(wire, stream, reasons ? thinking(scripts) : scripts);
  }

  async play(): Promise<void> {
    await this.#ask((runtime) => runtime.start({ message: 'Go.' }));
    for (let round = 0; !(await this.#isOver()); round += 1) {
      assert.ok(round < roundsMax, `The run did not end in ${roundsMax} rounds.`);
      await this.#answer(this.#case.seed + round);
    }
    await this.#life?.bury();
    assert.deepEqual(this.#model.refusals, [], 'the server refused a request');
    assert.deepEqual(this.#unexpected, [], 'something failed inside');
    this.#met.cases += 1;
    this.#met.requests += this.#model.taken;
  }

  async #isOver(): Promise<boolean> {
    return (await this.#store.unfinished({ limit: 1 })).length === 0;
  }

  /** Answers some of the open questions together; without any, waits for what is at work. */
  async #answer(seed: number): Promise<void> {
    const open = await this.#store.listQuestions('default', { status: 'open', limit: 200 });
    const some = open.filter((_, index) => (seed >> index) % 2 === 1);
    const [run] = await this.#store.unfinished({ limit: 1 });
    const runId = run?.run.id ?? '';
    const chosen = (some.length > 0 ? some : open).filter((one) => one.runId === runId);
    const answers = chosen.map((one: Question, index) => [one.id, valuesFor(one, seed + index)]);
    this.#met.answers += chosen.length;
    await this.#ask((runtime) => runtime.resume(runId, Object.fromEntries(answers)));
  }

  /** Asks the runtime of the moment, after a new birth if the last one died. */
  async #ask(work: (runtime: Runtime) => Promise<Run>): Promise<void> {
    const { life, runtime } = await this.#alive();
    const outcome = work(runtime).catch((error: unknown) => {
      if (!(error instanceof RequestError)) throw error;
    });
    const run = await life.orDeath(outcome);
    if (run?.status === 'failed' && bugs.includes(run.failure.code)) {
      this.#unexpected.push(run.failure);
    }
  }

  #note(error: unknown): void {
    if (!isScripted(error)) this.#unexpected.push(error);
  }

  async #alive(): Promise<{ life: Life; runtime: Runtime }> {
    while (!this.#life || !this.#runtime || this.#life.dead) {
      if (this.#life) {
        await this.#life.bury();
        this.#met.crashes += 1;
      }
      const { life, runtime } = await Life.begin({
        file: ':memory:',
        shared: this.#store,
        team: (life) => {
          living = life;
          return teamOf(this.#case.team, life.model(this.#model.model), tools);
        },
        breakStore: (store) => store,
        enter: () => undefined,
        report: (error) => this.#note(error),
      });
      this.#life = life;
      this.#runtime = runtime;
      life.dieAfter(this.#crashes.shift() ?? Number.POSITIVE_INFINITY);
    }
    return { life: this.#life, runtime: this.#runtime };
  }
}

/** The same team without the times that its tools take. */
function atOnce(spec: AgentSpec): AgentSpec {
  const turns = spec.turns.map((turn) => ({
    ...turn,
    calls: turn.calls.map((call) => ('ms' in call ? { ...call, ms: 0 } : call)),
  }));
  return { ...spec, turns, members: spec.members.map(atOnce) };
}

/** The same scripts, said after some thought. */
function thinking(scripts: Readonly<Record<string, readonly Turn[]>>) {
  return Object.fromEntries(
    Object.entries(scripts).map(([name, turns]) => [name, turns.map(thoughtful)]),
  );
}

function thoughtful(turn: Turn): Turn {
  if (typeof turn === 'function') return async (request) => thoughtful(await turn(request));
  if (typeof turn === 'string') return { text: turn, reasoning: 'Hm.' };
  return 'length' in turn ? { calls: turn, reasoning: 'Hm.' } : { ...turn, reasoning: 'Hm.' };
}
