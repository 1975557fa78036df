/** The runtime's numbers and the process's, as Prometheus reads them. */
import type { Figures } from '../src/index.ts';

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly values: readonly Value[];
}

type Value = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** Prometheus' text format, version 0.0.4. */
export function metricsText(figures: Figures): string {
  return [...ofNow(figures), ...sinceStart(figures), ...ofProcess()].map(written).join('');
}

function ofNow(figures: Figures): Metric[] {
  const { runs, heldBack, openQuestions, oldestQuestionAt, effects, deliveries } = figures;
  const age = oldestQuestionAt === null ? 0 : (Date.now() - oldestQuestionAt) / 1_000;
  return [
    gauge('cadenza_runs', 'Runs that have not ended, by status.', [
      [runs.working, { status: 'working' }],
      [runs.queued, { status: 'queued' }],
      [runs.inputRequired, { status: 'input_required' }],
    ]),
    gauge('cadenza_runs_held_back', 'Working runs that go on as soon as fewer are at work.', [
      [heldBack],
    ]),
    gauge('cadenza_questions_open', 'Questions that wait for a person.', [[openQuestions]]),
    gauge('cadenza_questions_oldest_age_seconds', 'Age of the oldest open question.', [[age]]),
    gauge('cadenza_effects', 'Model calls and tools that are to be made, or under way.', [
      [effects.pending, { status: 'pending' }],
      [effects.running, { status: 'running' }],
    ]),
    gauge('cadenza_deliveries', 'Notices that hooks and webhooks are still to be told.', [
      [deliveries],
    ]),
  ];
}

function sinceStart({ ended, models, duplicateAnswers }: Figures): Metric[] {
  const each = Object.entries(models);
  return [
    counter(
      'cadenza_runs_ended_total',
      'Runs that ended since the start, by status.',
      Object.entries(ended).map(([status, count]) => [count, { status }]),
    ),
    counter(
      'cadenza_model_calls_total',
      'Model calls since the start.',
      each.flatMap(([model, { replies, failures }]): Value[] => [
        [replies, { model, outcome: 'replied' }],
        [failures, { model, outcome: 'failed' }],
      ]),
    ),
    counter(
      'cadenza_tokens_total',
      'Tokens since the start, as the providers count them.',
      each.flatMap(([model, { inputTokens, outputTokens }]): Value[] => [
        [inputTokens, { model, type: 'input' }],
        [outputTokens, { model, type: 'output' }],
      ]),
    ),
    counter(
      'cadenza_duplicate_answers_total',
      'Answers to questions that were answered already. They caused nothing.',
      Object.entries(duplicateAnswers).map(([kind, count]) => [count, { kind }]),
    ),
  ];
}

function ofProcess(): Metric[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge('process_resident_memory_bytes', 'Memory of the process.', [[rss]]),
    gauge('nodejs_heap_size_used_bytes', 'Memory that JavaScript uses.', [[heapUsed]]),
    counter('process_cpu_seconds_total', 'Time on the processor.', [[(user + system) / 1e6]]),
    gauge('process_start_time_seconds', 'Unix time of the start.', [
      [performance.timeOrigin / 1_000],
    ]),
  ];
}

function gauge(name: string, help: string, values: readonly Value[]): Metric {
  return { name, type: 'gauge', help, values };
}

function counter(name: string, help: string, values: readonly Value[]): Metric {
  return { name, type: 'counter', help, values };
}

function written({ name, type, help, values }: Metric): string {
  const lines = values.map(([value, labels = {}]) => `${name}${listed(labels)} ${value}`);
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`;
}

function listed(labels: Readonly<Record<string, string>>): string {
  const list = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return list.length === 0 ? '' : `{${list.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`));
}
