/** All that a process tells whoever operates it: its log, its console, its spans and its metrics. */
import type { TestContext } from 'node:test';
import { metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { pino } from 'pino';

/** Collects what is told, by where; `log` writes at the level debug. */
export function watched(t: TestContext) {
  const told: Record<string, string[]> = { log: [], console: [] };
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    t.mock.method(console, method, (...words: unknown[]) => {
      told['console']?.push(
        words.map((word) => (word instanceof Error ? word.stack : word)).join(),
      );
    });
  }
  const spans = new InMemorySpanExporter();
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const exportIntervalMillis = 3_600_000;
  const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis });
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const meters = new MeterProvider({ readers: [reader] });
  provider.register();
  metrics.setGlobalMeterProvider(meters);
  t.after(async () => {
    trace.disable();
    metrics.disable();
    await provider.shutdown();
    await meters.shutdown();
  });
  const log = pino({ level: 'debug' }, { write: (line) => void told['log']?.push(line) });
  const collected = async () => {
    await reader.forceFlush();
    const all = spans
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => [name, attributes, events, status]);
    return { ...told, spans: all.map(textOf), metrics: points.getMetrics().map(textOf) };
  };
  return { log, collected };
}

/** As a search finds words in it. */
function textOf(value: unknown): string {
  return JSON.stringify(value);
}
