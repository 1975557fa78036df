/**
 * Runs that older builds saved, in every state in which a run can wait: each takes its next step with
 * the charts of now to the end that it had then. `UPDATE_GOLDEN=1` records the runs of a new chart
 * version; what is there already is never overwritten, because somebody's run may look like it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { chartVersion } from '../../machines/version.ts';
import { chartMisfits } from '../../src/charts/snapshot-check.ts';
import { upgradedSnapshot } from '../../src/migrate.ts';
import { takeStep } from '../../src/step.ts';
import { type GoldenRecord, outcomeOf, recordOf, runId } from './record.ts';
import { structureHash } from './structure.ts';
import { waitingRuns } from './waiting-runs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = (version: number) => `${here}v${version}`;
const newest = folder(chartVersion);
const structures = `${here}structures.json`;

const known = (): Record<string, string> => JSON.parse(readFileSync(structures, 'utf8'));

if (process.env['UPDATE_GOLDEN']) await update();

async function update(): Promise<void> {
  mkdirSync(newest, { recursive: true });
  for (const [name, waiting] of Object.entries(waitingRuns)) {
    const file = `${newest}/${name}.json`;
    if (existsSync(file)) continue;
    writeFileSync(file, JSON.stringify(await recordOf(waiting)));
  }
  const hashes = existsSync(structures) ? known() : {};
  writeFileSync(structures, JSON.stringify({ [chartVersion]: structureHash(), ...hashes }));
  const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url));
  spawnSync(biome, ['format', '--write', here], { stdio: 'inherit' });
}

/** Every record, by its file. */
function records(version: number): (readonly [string, GoldenRecord])[] {
  if (!existsSync(folder(version))) return [];
  return readdirSync(folder(version)).map((name) => {
    const text = readFileSync(`${folder(version)}/${name}`, 'utf8');
    return [`v${version}/${name}`, JSON.parse(text)];
  });
}

const versions = Array.from({ length: chartVersion }, (_, index) => index + 1);

for (const [file, record] of versions.flatMap(records)) {
  test(`a run that was saved as in ${file} goes on as it did then`, () => {
    const saved = record.snapshot === null ? null : JSON.stringify(record.snapshot);
    const snapshot = upgradedSnapshot(saved, record.chartVersion);
    assert.ok(snapshot !== undefined, `nothing leads from chart version ${record.chartVersion}`);
    if (snapshot !== null) assert.deepEqual(chartMisfits(snapshot), []);
    const run = {
      id: runId,
      team: 'Desk',
      definition: '{}',
      revision: record.revision,
      chartVersion: snapshot === null ? 0 : chartVersion,
      snapshot,
      reports: record.reports,
      used: () => ({ delegations: 0, questions: 0 }),
      toolCall: () => ({ name: 'tool', arguments: '{}' }),
      openQuestion: () => undefined,
    };
    const outcome = outcomeOf(takeStep(run, record.event));
    const wanted = upgradedSnapshot(JSON.stringify(record.expected.snapshot), record.chartVersion);
    const expected = { ...record.expected, snapshot: JSON.parse(wanted ?? 'null') };
    assert.deepEqual(outcome, expected, advice);
  });
}

const advice =
  'A saved run would go on differently. Raise chartVersion and write a migration, or undo the change.';

test('every way to wait is kept for the charts of now', () => {
  const kept = records(chartVersion).map(([file]) => file.replace(/^v\d+\/|\.json$/g, ''));
  assert.deepEqual(
    Object.keys(waitingRuns).filter((name) => !kept.includes(name)),
    [],
    'run UPDATE_GOLDEN=1 npm run test:run',
  );
});

test('every state in which a chart can be saved stands in a record', () => {
  const text = records(chartVersion).map(([, record]) => JSON.stringify(record.snapshot));
  const waits = (node: AnyStateNode): AnyStateNode[] =>
    Object.values(node.states).flatMap((state) =>
      state.type === 'compound' ? waits(state) : isLeftAtOnce(state) ? [] : [state],
    );
  for (const chart of [agentMachine, toolCallMachine] as AnyStateMachine[]) {
    for (const { path, id } of waits(chart.root)) {
      const [outer, inner] = path.map((key) => JSON.stringify(key));
      const value = inner === undefined ? outer : `{${outer}:${inner}}`;
      assert.ok(
        text.some((one) => one.includes(`"value":${value}`)),
        `no record is in ${id}`,
      );
    }
  }
});

/** A state is saved if it takes an event that the outside brings, or waits inside such a state. */
function isLeftAtOnce({ type, key }: AnyStateNode): boolean {
  const passing = ['completing', 'routing', 'refused', 'cancelling', 'failing'];
  return type === 'final' || passing.includes(key);
}

test('the charts have the structure of their version', () => {
  assert.equal(
    known()[chartVersion],
    structureHash(),
    'The charts have changed: raise chartVersion, and run UPDATE_GOLDEN=1 npm run test:run.',
  );
});
