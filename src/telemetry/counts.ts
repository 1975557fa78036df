/** Counts what the model cost and how runs ended, for OpenTelemetry and for the runtime's figures. */
import { type Attributes, type Meter, metrics } from '@opentelemetry/api';
import type { RunStatus } from '../../machines/vocabulary.ts';
import type { TokenUsage } from '../models/model.ts';
import type { StoreFigures } from '../stores/figures.ts';

/** What one model was asked, since the runtime was created. */
export interface ModelFigures {
  readonly replies: number;
  readonly failures: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A runtime in numbers. Those of the store are of now; the others count from its creation. */
export interface Figures extends StoreFigures {
  /** Runs that go on as soon as fewer are at work. */
  readonly heldBack: number;
  readonly ended: Readonly<Record<'completed' | 'failed' | 'cancelled', number>>;
  /** By the model's name. */
  readonly models: Readonly<Record<string, ModelFigures>>;
  /** Answers to questions that were answered already: the same again, or different ones. */
  readonly duplicateAnswers: { readonly same: number; readonly different: number };
}

export class Counts {
  readonly #ended = { completed: 0, failed: 0, cancelled: 0 };
  readonly #models = new Map<
    string,
    { -readonly [Key in keyof ModelFigures]: ModelFigures[Key] }
  >();
  readonly #duplicateAnswers = { same: 0, different: 0 };
  readonly #instruments: ReturnType<typeof instrumentsOf>;
  readonly #stopGauges: () => void;

  constructor(meter: Meter, store: () => Promise<StoreFigures>) {
    this.#instruments = instrumentsOf(meter);
    this.#stopGauges = addGauges(meter, store);
  }

  get sinceStart(): Omit<Figures, keyof StoreFigures | 'heldBack'> {
    return {
      ended: { ...this.#ended },
      models: Object.fromEntries([...this.#models].map(([name, one]) => [name, { ...one }])),
      duplicateAnswers: { ...this.#duplicateAnswers },
    };
  }

  /**
   * Counts a call by the model that answered: a fallback, or else the one that was asked.
   *
   * @param model the one that was asked
   */
  modelCalled(
    model: { readonly name: string; readonly provider?: string | undefined },
    seconds: number,
    outcome: { readonly usage: TokenUsage; readonly model?: string } | { readonly failure: string },
  ): void {
    const answered = ('usage' in outcome ? outcome.model : undefined) ?? model.name;
    const one = this.#models.get(answered) ?? noCalls();
    this.#models.set(answered, one);
    const shared: Attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': model.provider ?? 'unknown',
      'gen_ai.request.model': model.name,
    };
    if ('failure' in outcome) {
      one.failures += 1;
      this.#instruments.duration.record(seconds, { ...shared, 'error.type': outcome.failure });
      return;
    }
    const { inputTokens, outputTokens } = outcome.usage;
    one.replies += 1;
    one.inputTokens += inputTokens;
    one.outputTokens += outputTokens;
    shared['gen_ai.response.model'] = answered;
    this.#instruments.duration.record(seconds, shared);
    const kinds = { input: inputTokens, output: outputTokens };
    for (const [kind, tokens] of Object.entries(kinds)) {
      // Zero is what a provider says that does not count.
      if (tokens > 0) {
        this.#instruments.tokens.record(tokens, { ...shared, 'gen_ai.token.type': kind });
      }
    }
  }

  runSettled(status: Exclude<RunStatus, 'working'>): void {
    this.#instruments.settled.add(1, { 'cadenza.run.status': status });
    if (status !== 'input_required') this.#ended[status] += 1;
  }

  duplicateAnswer(kind: 'same' | 'different'): void {
    this.#instruments.duplicates.add(1, { 'cadenza.answer.kind': kind });
    this.#duplicateAnswers[kind] += 1;
  }

  close(): void {
    this.#stopGauges();
  }
}

/** The meter of the SDK that was registered before the runtime was created, or one that does nothing. */
export function ownMeter(): Meter {
  return metrics.getMeter('cadenza');
}

function noCalls() {
  return { replies: 0, failures: 0, inputTokens: 0, outputTokens: 0 };
}

function instrumentsOf(meter: Meter) {
  return {
    duration: meter.createHistogram('gen_ai.client.operation.duration', {
      description: 'How long a model call took, with its repetitions.',
      unit: 's',
      advice: {
        explicitBucketBoundaries: [
          0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
        ],
      },
    }),
    tokens: meter.createHistogram('gen_ai.client.token.usage', {
      description: 'Tokens of a model call, as the provider counts them.',
      unit: '{token}',
      advice: {
        explicitBucketBoundaries: [
          1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304,
        ],
      },
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
function addGauges(meter: Meter, store: () => Promise<StoreFigures>): () => void {
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
