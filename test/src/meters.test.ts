/** What OpenTelemetry's meters and the runtime's figures tell of runs, agents, models and tools. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { defineAgent, type Model, openai } from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import { agents, teams } from '../kit/looking-team.ts';
import { until } from '../kit/retries.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';
import { held } from '../kit/served.ts';

const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({
  exporter: points,
  exportIntervalMillis: 3_600_000,
});
const meters = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(meters);

after(async () => {
  metrics.disable();
  await meters.shutdown();
});

test('the meters tell of model calls, tokens, runs, and how long a person was waited for', async (t) => {
  const kit = await testRuntime(t, agents, teams);
  const run = await kit.runtime.start({ message: 'Trip' });
  const [question] = openQuestions(run);
  await reader.forceFlush();
  assert.deepEqual(valuesOf('cadenza.questions.open'), [1]);
  assert.ok(Number(valuesOf('cadenza.questions.oldest_age')[0]) > 0);
  const answers = { [question?.id ?? '']: { city: 'Rome' } };
  await kit.runtime.resume(run.id, answers);
  await kit.runtime.resume(run.id, answers);
  await reader.forceFlush();
  assert.deepEqual(valuesOf('cadenza.questions.open'), [0]);
  assert.deepEqual(valuesOf('cadenza.runs.settled'), [1, 1], 'it paused once, and completed');
  assert.deepEqual(valuesOf('cadenza.answers.duplicate'), [1]);
  assert.deepEqual(countsOf('gen_ai.client.operation.duration'), [5]);
  assert.deepEqual(countsOf('gen_ai.client.token.usage'), [5, 5], 'input and output');
  checkHistograms();
});

/** Each metric of the conventions, with what it is told by and how it is counted. */
function checkHistograms(): void {
  const team = { 'gen_ai.workflow.name': 'OrchestratorTeam' };
  const byAgent = ['OrchestratorTeam', 'WorkerAgent'].map((name) => ({
    'gen_ai.agent.name': name,
  }));
  const look = {
    'gen_ai.tool.name': 'look',
    'gen_ai.tool.type': 'function',
    'gen_ai.agent.name': 'WorkerAgent',
    'error.type': 'TypeError',
  };
  for (const [name, unit, attributes, counts, bounds] of [
    ['invoke_workflow.duration', 's', [team], [2], [1, 7_200]],
    ['invoke_agent.duration', 's', byAgent, [2, 2], [0.1, 409.6]],
    ['invoke_agent.inference_calls', '{inference_call}', byAgent, [2, 2], [1, 128]],
    ['invoke_agent.tool_calls', '{tool_call}', byAgent, [2, 2], [1, 128]],
    ['execute_tool.duration', 's', [look], [1], [0.01, 81.92]],
  ] as const) {
    const all = sortedPointsOf(`gen_ai.${name}`);
    assert.equal(metricOf(`gen_ai.${name}`)?.descriptor.unit, unit, name);
    assert.deepEqual(
      all.map((point) => point.attributes),
      attributes,
      name,
    );
    assert.deepEqual(
      all.map(({ count }) => count),
      counts,
      name,
    );
    const { boundaries = [] } = all[0]?.buckets ?? {};
    assert.deepEqual([boundaries[0], boundaries.at(-1)], bounds, name);
  }
  const sums = (name: string) => sortedPointsOf(name).map(({ sum }) => sum);
  assert.deepEqual(sums('gen_ai.invoke_agent.inference_calls'), [2, 3]);
  assert.deepEqual(sums('gen_ai.invoke_agent.tool_calls'), [0, 1]);
}

test('a failure counts for every model that was asked, and a call that was cut short for none', async (t) => {
  const { asked, letGo, turn } = held('late');
  t.after(letGo);
  let answers: Turn = { text: 'never', fault: { name: 'status', status: 401 } };
  const { runtime } = await testRuntime(t, { Solo: [() => answers] }, (baseURL) => {
    const at = (name: string, fallback: readonly Model[] = []) =>
      openai(name, { baseURL, apiKey: 'k', fallback });
    const nested = at('inner', [at('innermost')]);
    return [defineAgent({ name: 'Solo', model: at('first', [nested, at('last')]) })];
  });
  const failures = async () =>
    Object.entries((await runtime.figures()).models).map(([name, one]) => [name, one.failures]);
  const each = [
    ['first', 1],
    ['inner', 1],
    ['innermost', 1],
    ['last', 1],
  ];
  assert.equal((await runtime.start({ message: 'Trip' })).status, 'working', 'it is stalled');
  assert.deepEqual(await failures(), each);
  answers = turn;
  const { id } = await runtime.start({ message: 'Trip', wait: false });
  await asked;
  await runtime.cancel(id);
  await until(async () => {
    await reader.forceFlush();
    const ended = pointsOf('gen_ai.client.operation.duration').map(({ attributes }) => attributes);
    return ended.some((attributes) => attributes['error.type'] === 'EndedError') || undefined;
  });
  assert.deepEqual(await failures(), each);
  assert.deepEqual(valuesOf('cadenza.models.unavailable'), [1, 1, 1, 1]);
});

function metricOf(name: string) {
  const last = points.getMetrics().at(-1);
  const all = last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  return all.find(({ descriptor }) => descriptor.name === name);
}

function pointsOf(name: string) {
  return metricOf(name)?.dataPoints ?? [];
}

function valuesOf(name: string): unknown[] {
  return pointsOf(name).map(({ value }) => value);
}

function countsOf(name: string): unknown[] {
  return pointsOf(name).map(({ value }) => (value as { count: number }).count);
}

/** The points of a histogram, by the agent's name. */
function sortedPointsOf(name: string) {
  const nameOf = (attributes: object) => JSON.stringify(attributes);
  return pointsOf(name)
    .map(({ attributes, value }) => ({ attributes, ...(value as Histogram) }))
    .sort((one, other) => nameOf(one.attributes).localeCompare(nameOf(other.attributes)));
}
