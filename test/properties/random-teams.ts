/**
 * Random teams under random schedules: one result per call in call order, side effects exactly as
 * counted, the status always what the tree says, and the run always ends.
 *
 * The store is a real file, the model a real server that refuses what OpenAI's API refuses. A crash is
 * played inside the process: see `lives.ts` for what that shows, and what it cannot.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Client, checkRun } from './client.ts';
import {
  checkCallOrder,
  checkLimits,
  checkOver,
  checkReports,
  checkRequests,
} from './ended-run-checks.ts';
import type { BreakStore } from './lives.ts';
import { isOver, type SavedRows } from './saved-rows.ts';
import { type Action, type Schedule, schedules } from './schedules.ts';
import { checkSideEffects } from './side-effect-checks.ts';
import type { Tally } from './tally.ts';
import { type AgentSpec, teamSpecs } from './team-specs.ts';
import { checkKept, checkRevisions, checkTree } from './tree-checks.ts';
import { World } from './world.ts';

/** More rounds of answers than the limit on questions lets any run need. */
const roundsMax = 200;

/** Smaller cases that are tried once one has failed: a rare failure would be shrunk for hours. */
const smallerMax = 300;

/** The first failure, and how many smaller cases were tried since. */
interface Failing {
  first?: unknown;
  smaller: number;
}

function randomTeams(tally: Tally, breakStore: BreakStore, failing: Failing) {
  return fc.asyncProperty(teamSpecs, schedules, async (team, schedule) => {
    if (failing.first !== undefined) failing.smaller += 1;
    if (failing.smaller > smallerMax) return;
    const world = await World.create(team, breakStore);
    try {
      const rows = await new RandomRun(world, team).play(schedule);
      if (failing.first === undefined) tally.addCase(rows, world.lives - 1);
    } catch (error) {
      failing.first ??= error;
      throw error;
    } finally {
      await world.end();
    }
  });
}

/**
 * Checks the property. `CADENZA_SEED` and `CADENZA_PATH` play a printed failure again; what depends on
 * the order in which replies come may need a few tries.
 *
 * @param breakStore the seam by which a store is broken, to see that the property notices
 * @throws Error with the smallest case that was found, its seed and its path
 */
export async function check(
  parameters: Omit<fc.Parameters<[AgentSpec, Schedule]>, 'path' | 'reporter'>,
  tally: Tally,
  breakStore?: BreakStore,
): Promise<void> {
  const { CADENZA_SEED: seed, CADENZA_PATH: path } = process.env;
  const failing: Failing = { smaller: 0 };
  const property = randomTeams(tally, breakStore ?? ((store) => store), failing);
  const details = await fc.check(property, {
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path && !breakStore ? { path } : {}),
    ...parameters,
  });
  if (details.failed) {
    const again = `Again: CADENZA_SEED=${details.seed} CADENZA_PATH=${details.counterexamplePath}`;
    const first = `The first failure: ${failing.first}`;
    const message = `${fc.defaultReportMessage(details)}\n${first}\n${again}`;
    throw new Error(message, { cause: details.errorInstance });
  }
}

class RandomRun {
  readonly #world: World;
  readonly #team: AgentSpec;
  readonly #client: Client;
  /** What nobody waited for yet. */
  #underWay: Promise<void>[] = [];
  #before: SavedRows | undefined;

  constructor(world: World, team: AgentSpec) {
    this.#world = world;
    this.#team = team;
    this.#client = new Client(world);
  }

  async play({ crashAtStart, waitForStart, actions }: Schedule): Promise<SavedRows> {
    if (crashAtStart !== null) await this.#world.crash(crashAtStart);
    const started = this.#start();
    if (waitForStart) await started;
    else this.#leave(started);
    for (const action of actions) {
      await this.#perform(action);
      this.#check();
    }
    await this.#world.stopFaults();
    await this.#joinAll();
    await this.#settleAlone();
    await this.#finish();
    return this.#checkEnd();
  }

  /** Starts the run, again and again if the process dies before the run is written. */
  async #start(): Promise<void> {
    while (!this.#world.rows()) {
      const started = await this.#world.ask((runtime) => runtime.start({ message: 'Go.' }));
      if (started && 'error' in started) throw started.error;
      if (started) checkRun(started.value);
    }
  }

  async #perform(action: Action): Promise<void> {
    switch (action.do) {
      case 'answer': {
        const answered = this.#client.answer(action);
        if (action.wait) return answered;
        return this.#leave(answered);
      }
      case 'answerWrongly':
        await this.#joinAll();
        return this.#client.answerWrongly(action.mistake, action.seed);
      case 'repeat':
        await this.#joinAll();
        return this.#client.repeat(action.seed);
      case 'answerLate':
        await this.#joinAll();
        return this.#client.answerLate(action.seed);
      case 'answerTwice':
        return this.#client.answerTwice(action.same, action.seed);
      case 'cancel': {
        const rows = this.#world.rows();
        return rows ? this.#client.cancel(rows.id) : undefined;
      }
      case 'letTimePass':
        await sleep(action.ms);
        return;
      case 'crash':
        return this.#world.crash(action.boundaries);
      case 'restart':
        return this.#world.restart();
    }
  }

  /** Goes on without waiting; what comes of it is looked at later. */
  #leave(work: Promise<void>): void {
    work.catch(() => undefined);
    this.#underWay.push(work);
  }

  async #joinAll(): Promise<void> {
    await Promise.all(this.#underWay.splice(0));
  }

  #check(): void {
    const rows = this.#world.rows();
    if (!rows) return;
    checkTree(rows);
    checkRevisions(rows);
    checkKept(this.#before, rows);
    this.#client.checkAnswers(rows);
    this.#before = rows;
  }

  /** Sees the run pause or end while nobody asks for anything: what was interrupted goes on. */
  async #settleAlone(): Promise<void> {
    for (let waits = 0; waits < 1_000; waits += 1) {
      const rows = this.#world.rows();
      if (!rows) return;
      const waiting = rows.inbox.some(({ status }) => status === 'waiting');
      if (rows.status !== 'working' && !waiting) return;
      await sleep(5);
    }
    throw new Error('The run works on and on.');
  }

  /** Answers what is open until the run ends. */
  async #finish(): Promise<void> {
    for (let round = 0; round < roundsMax; round += 1) {
      await this.#client.answerAll(round + 1);
      this.#check();
      const rows = this.#world.rows();
      const over = rows && isOver(rows);
      if (over && rows.inbox.every(({ status }) => status !== 'waiting')) return;
      if (over) await sleep(1);
    }
    throw new Error(`The run did not end in ${roundsMax} rounds of answers.`);
  }

  #checkEnd(): SavedRows {
    const rows = this.#before;
    if (!rows) throw new Error('There is no run.');
    checkOver(rows);
    checkLimits(rows);
    checkCallOrder(rows, this.#team);
    checkReports(rows);
    checkRequests(rows, this.#world.model);
    checkSideEffects(rows, this.#world.entries, this.#world.lives);
    this.#world.checkReported();
    return rows;
  }
}
