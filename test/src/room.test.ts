/** Places at work: none is given twice or lost, none is kept from a run that may have it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import fc from 'fast-check';
import { Room } from '../../src/room.ts';

/** Runs of three tenants, in a room for three runs that has two places for each tenant. */
class Played {
  readonly room = new Room({ runsAtOnce: 3, runsPerTenant: 2 });
  readonly inside = new Set<number>();
  /** The runs that wait, the first come first, with what gives each of their effects up. */
  readonly waiting = new Map<number, AbortController[]>();
  readonly told: boolean[] = [];
  #effects = 0;

  async begin(run: number): Promise<void> {
    const stop = new AbortController();
    const of = { tenantId: tenantOf(run), runId: `${run}` };
    this.#effects += 1;
    const mayBegin = this.room.place(of, `${this.#effects}`, stop.signal);
    this.waiting.set(run, [...(this.waiting.get(run) ?? []), stop]);
    void mayBegin.then((may) => {
      this.told.push(may);
      if (may) this.inside.add(run);
      this.waiting.delete(run);
    });
    await soon();
  }

  async start(run: number): Promise<void> {
    if (this.inside.has(run) || this.waiting.has(run)) return;
    try {
      this.room.enter({ tenantId: tenantOf(run), runId: `${run}` });
      this.inside.add(run);
    } catch (error) {
      assert.match(Object(error).code, /^too_many/);
      assert.ok(!this.hasPlaceFor(run), 'it was refused a place that is free');
    }
  }

  async end(run: number): Promise<void> {
    for (const stop of this.waiting.get(run) ?? []) stop.abort();
    this.inside.delete(run);
    this.room.leave(`${run}`);
    await soon();
  }

  hasPlaceFor(run: number): boolean {
    const own = [...this.inside].filter((one) => tenantOf(one) === tenantOf(run));
    return this.inside.size < 3 && own.length < 2;
  }

  check(): void {
    assert.ok(this.inside.size <= 3);
    for (const run of [0, 1, 2]) {
      const own = [...this.inside].filter((one) => tenantOf(one) === tenantOf(run));
      assert.ok(own.length <= 2, `${own} are inside`);
    }
    for (const run of this.waiting.keys()) assert.ok(!this.hasPlaceFor(run), `${run} waits`);
    assert.equal(this.room.heldBack, this.waiting.size);
  }
}

function tenantOf(run: number): string {
  return `tenant ${run % 3}`;
}

test('a place that is free is given to whoever may have it, and to nobody else', async () => {
  const action = fc.record({ run: fc.nat(8), act: fc.constantFrom('begin', 'start', 'end') });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
      const played = new Played();
      for (const { run, act } of actions) {
        await played[act as 'begin' | 'start' | 'end'](run);
        played.check();
      }
      for (let run = 0; run <= 8; run += 1) await played.end(run);
      assert.equal(played.room.heldBack, 0);
      const waited = actions.filter(({ act }) => act === 'begin').length;
      assert.equal(played.told.length, waited, 'each effect is told once whether it may begin');
    }),
    { numRuns: 100 },
  );
});

test('of a line, whoever came first goes first', async () => {
  const room = new Room({ runsAtOnce: 2 });
  room.enter({ tenantId: 'default', runId: 'first' });
  room.enter({ tenantId: 'default', runId: 'second' });
  const order: string[] = [];
  for (const runId of ['third', 'fourth', 'fifth']) {
    const { signal } = new AbortController();
    void room.place({ tenantId: 'default', runId }, runId, signal).then(() => order.push(runId));
  }
  for (const runId of ['first', 'third', 'second']) room.leave(runId);
  await soon();
  assert.deepEqual(order, ['third', 'fourth', 'fifth']);
  assert.equal(room.heldBack, 0);
});

test('a tenant waits for the end of nobody else’s line', async () => {
  const room = new Room({ runsAtOnce: 4 });
  const order: string[] = [];
  const wait = (tenantId: string, runId: string) => {
    const { signal } = new AbortController();
    void room.place({ tenantId, runId }, runId, signal).then(() => order.push(runId));
  };
  for (const tenantId of ['a', 'b']) {
    for (let run = 1; run <= 5; run += 1) wait(tenantId, `${tenantId}${run}`);
  }
  wait('c', 'c1');
  await soon();
  assert.deepEqual(order.splice(0), ['a1', 'a2', 'b1', 'b2']);
  for (const runId of ['a1', 'b1']) room.leave(runId);
  await soon();
  assert.deepEqual(order, ['c1', 'a3']);
});
