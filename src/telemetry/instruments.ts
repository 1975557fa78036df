/**
 * What is measured: by OpenTelemetry's conventions for generative AI, of which the names below are those
 * that backends read today, and what is ours.
 */
import { type Meter, metrics } from '@opentelemetry/api';
import type { StoreFigures } from '../stores/figures.ts';

/** The meter of the SDK that was registered before the runtime was created, or one that does nothing. */
export function ownMeter(): Meter {
  return metrics.getMeter('cadenza');
}

/** Bounds of buckets, each so many times the one before. */
function boundaries(first: number, factor: number, count: number): number[] {
  // Rounded, because 0.01 times a power of 2 is written as the conventions have it.
  return Array.from({ length: count }, (_, index) => Number((first * factor ** index).toFixed(2)));
}

export type Instruments = ReturnType<typeof instrumentsOf>;

/** The bounds are those that the conventions advise. */
export function instrumentsOf(meter: Meter) {
  const histogram = (name: string, unit: string, description: string, bounds: number[]) =>
    meter.createHistogram(name, {
      description,
      unit,
      advice: { explicitBucketBoundaries: bounds },
    });
  return {
    modelCall: histogram(
      'gen_ai.client.operation.duration',
      's',
      'How long a model call took, with its repetitions.',
      boundaries(0.01, 2, 14),
    ),
    tokens: histogram(
      'gen_ai.client.token.usage',
      '{token}',
      'Tokens of a model call, as the provider counts them.',
      boundaries(1, 4, 14),
    ),
    stretch: histogram(
      'gen_ai.invoke_workflow.duration',
      's',
      'How long a run worked until it paused, rested or ended.',
      [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200],
    ),
    agent: histogram(
      'gen_ai.invoke_agent.duration',
      's',
      'How long an agent, with those below it, worked in such a stretch of a run.',
      boundaries(0.1, 2, 13),
    ),
    agentModelCalls: histogram(
      'gen_ai.invoke_agent.inference_calls',
      '{inference_call}',
      'Model calls that an agent itself made meanwhile.',
      boundaries(1, 2, 8),
    ),
    agentToolCalls: histogram(
      'gen_ai.invoke_agent.tool_calls',
      '{tool_call}',
      'Tools that were run for the agent itself meanwhile.',
      boundaries(1, 2, 8),
    ),
    tool: histogram(
      'gen_ai.execute_tool.duration',
      's',
      'How long a tool took.',
      boundaries(0.01, 2, 14),
    ),
    unavailable: meter.createCounter('cadenza.models.unavailable', {
      description:
        'Calls of models that came to nothing: no answer, a refusal, or one of no use; also where another model answered.',
      unit: '{call}',
    }),
    settled: meter.createCounter('cadenza.runs.settled', {
      description: 'Runs that paused or ended, by the status that they have then.',
      unit: '{run}',
    }),
    duplicates: meter.createCounter('cadenza.answers.duplicate', {
      description: 'Answers to questions that were answered already. They cause nothing.',
      unit: '{answer}',
    }),
  };
}

/** @returns what ends them */
export function addGauges(meter: Meter, store: () => Promise<StoreFigures>): () => void {
  const open = meter.createObservableGauge('cadenza.questions.open', {
    description: 'Questions that wait for a person.',
    unit: '{question}',
  });
  const age = meter.createObservableGauge('cadenza.questions.oldest_age', {
    description: 'How long the oldest open question has waited.',
    unit: 's',
  });
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    const { openQuestions, oldestQuestionAt } = await store();
    result.observe(open, openQuestions);
    result.observe(age, oldestQuestionAt === null ? 0 : (Date.now() - oldestQuestionAt) / 1_000);
  };
  meter.addBatchObservableCallback(observe, [open, age]);
  return () => meter.removeBatchObservableCallback(observe, [open, age]);
}
