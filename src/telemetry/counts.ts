/** Counts what the model cost and how runs ended, for OpenTelemetry and for the runtime's figures. */
import type { Attributes, Meter } from '@opentelemetry/api';
import type { RunStatus } from '../../machines/vocabulary.ts';
import type { Reply } from '../models/model.ts';
import type { StoreFigures } from '../stores/figures.ts';
import { addGauges, type Instruments, instrumentsOf } from './instruments.ts';

/** What one model was asked, since the runtime was created. */
export interface ModelFigures {
  readonly replies: number;
  /** How often it could not be had, or gave no reply that could be used; also where another one answered. */
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

/** A model call that is over. */
export interface ModelCalled {
  /** The model that was asked first. */
  readonly model: { readonly name: string; readonly provider?: string | undefined };
  /** Undefined if no model gave one. */
  readonly reply: Reply | undefined;
  /** What it failed with; a reply may be of no use. */
  readonly failure: string | undefined;
  /** The names of the models that failed, but for those in whose place another one answered. */
  readonly failed: readonly string[];
}

export class Counts {
  readonly #ended = { completed: 0, failed: 0, cancelled: 0 };
  readonly #models = new Map<
    string,
    { -readonly [Key in keyof ModelFigures]: ModelFigures[Key] }
  >();
  readonly #duplicateAnswers = { same: 0, different: 0 };
  readonly #instruments: Instruments;
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

  /** Counts a model call, and each model that was asked for it. */
  modelCalled(call: ModelCalled, seconds: number): void {
    const { model, reply, failure, failed } = call;
    const others = reply?.insteadOf?.map((one) => one.model) ?? [];
    const answering = reply?.model ?? model.name;
    for (const name of [...others, ...failed]) {
      this.#of(name).failures += 1;
      this.#instruments.unavailable.add(1, { 'gen_ai.request.model': name });
    }
    const shared = callAttributes(call);
    const error = failure === undefined ? {} : { 'error.type': failure };
    this.#instruments.modelCall.record(seconds, { ...shared, ...error });
    if (!reply || failure !== undefined) return;
    const { inputTokens, outputTokens } = reply.usage;
    const one = this.#of(answering);
    one.replies += 1;
    one.inputTokens += inputTokens;
    one.outputTokens += outputTokens;
    const kinds = { input: inputTokens, output: outputTokens };
    for (const [kind, tokens] of Object.entries(kinds)) {
      // Zero is what a provider says that does not count.
      if (tokens > 0) {
        this.#instruments.tokens.record(tokens, { ...shared, 'gen_ai.token.type': kind });
      }
    }
  }

  toolRun(tool: string, agent: string, seconds: number, failure: string | undefined): void {
    this.#instruments.tool.record(seconds, {
      'gen_ai.tool.name': tool,
      'gen_ai.tool.type': 'function',
      'gen_ai.agent.name': agent,
      ...(failure === undefined ? {} : { 'error.type': failure }),
    });
  }

  agentWorked(agent: string, seconds: number, calls: { model: number; tool: number }): void {
    const attributes = { 'gen_ai.agent.name': agent };
    this.#instruments.agent.record(seconds, attributes);
    this.#instruments.agentModelCalls.record(calls.model, attributes);
    this.#instruments.agentToolCalls.record(calls.tool, attributes);
  }

  stretchEnded(team: string, seconds: number, failure: string | undefined): void {
    this.#instruments.stretch.record(seconds, {
      'gen_ai.workflow.name': team,
      ...(failure === undefined ? {} : { 'error.type': failure }),
    });
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

  #of(model: string) {
    const one = this.#models.get(model) ?? noCalls();
    this.#models.set(model, one);
    return one;
  }
}

function noCalls() {
  return { replies: 0, failures: 0, inputTokens: 0, outputTokens: 0 };
}

/** By whom a call was answered: a fallback, or else the model that was asked. */
export function callAttributes({ model, reply }: Pick<ModelCalled, 'model' | 'reply'>): Attributes {
  const { provider = model.provider, server, model: given } = reply?.answered ?? {};
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider ?? 'unknown',
    'gen_ai.request.model': model.name,
    ...(reply ? { 'gen_ai.response.model': given ?? reply.model ?? model.name } : {}),
    ...(server ? { 'server.address': server.address, 'server.port': server.port } : {}),
  };
}
