/**
 * The events of a run's log as chunks of a UI message of the AI SDK.
 *
 * A run is one message of the assistant, whatever it pauses for. Its steps are the leader's replies, and
 * a last one with the open questions at each pause: a client sends by itself what completes the last
 * step, so nothing but questions may wait in it. What the team does itself is marked as done by the
 * provider.
 */
import type { LogEvent } from '../../src/index.ts';
import { idOf } from '../agui/protocol.ts';
import { parsed } from '../json-value.ts';
import { LogView, type OpenedQuestion } from '../log-view.ts';
import type { Chunk } from './chunk.ts';
import { type Left, questionParts } from './question-parts.ts';

type Of<Type extends LogEvent['type']> = Extract<LogEvent, { readonly type: Type }>;

export class Projection {
  readonly #runId: string;
  readonly #left: Left | undefined;
  readonly #view = new LogView();
  /** The question at whose pause the client left; undefined once it is past. */
  #pausedOn: string | undefined;
  #isInStep = false;
  /** What the leader has written of its reply. */
  #draft: string | undefined;
  #isFollowed = false;
  /** The part that shows a call, by the call's path. */
  readonly #parts = new Map<string, { readonly id: string; readonly asks?: OpenedQuestion }>();

  constructor(runId: string, left?: Left) {
    this.#runId = runId;
    this.#left = left;
    this.#pausedOn = left?.pausedOn;
  }

  /** What an event means to the message. */
  take(event: LogEvent): Chunk[] {
    const isKnown = this.#pausedOn !== undefined;
    const told = this.#told(event);
    const hasChanged = this.#view.take(event);
    if (event.type === 'run.paused') told.push(...this.#asked());
    if (isKnown) {
      // The route begins the step in which it goes on, so that nothing new completes the last one.
      this.#isInStep = true;
      const isPast = event.type === 'run.paused' && this.#view.questions.has(`${this.#pausedOn}`);
      if (isPast) this.#pausedOn = undefined;
      return [];
    }
    return hasChanged ? [...told, this.#state()] : told;
  }

  /** How the message ends with this event; undefined if it does not. */
  end(event: LogEvent): Chunk[] | undefined {
    const metadata = { run_id: this.#runId, status: this.#view.status, usage: this.#view.usage };
    const finish = (finishReason: string): Chunk[] => [
      ...this.#leftStep(),
      { type: 'finish', finishReason, messageMetadata: metadata },
    ];
    switch (event.type) {
      case 'run.paused':
        return finish('tool-calls');
      case 'run.completed':
        return finish('stop');
      case 'run.failed':
        return [{ type: 'error', errorText: event.failure.message }, ...finish('error')];
      case 'run.cancelled':
        return [...this.#leftStep(), { type: 'abort', reason: 'The run was cancelled.' }];
      default:
        return undefined;
    }
  }

  #told(event: LogEvent): Chunk[] {
    const { path, agent } = event;
    switch (event.type) {
      case 'member.started':
        return [this.#member(path, agent, 'started')];
      case 'member.ended':
        return [this.#member(path, agent, event.outcome)];
      case 'model.called':
        if (path !== '') return [];
        this.#isFollowed = true;
        return this.#step();
      case 'model.restarted':
      case 'model.failed':
      case 'model.retrying':
      case 'model.stalled':
        return path === '' ? this.#thrownAway() : [];
      case 'text.delta':
        return path === '' && this.#isFollowed ? this.#written(event.text) : [];
      case 'model.replied':
        return this.#replied(event);
      case 'call.answered':
        return this.#answered(event);
      default:
        return [];
    }
  }

  #replied({ path, agent, text, calls }: Of<'model.replied'>): Chunk[] {
    const own = path === '' ? this.#said(text ?? '') : [];
    // A call that asks is shown when it asks.
    const shown = calls.filter(({ intent }) => intent !== 'question' && intent !== 'heldTool');
    for (const call of shown) this.#show(call.path, idOf(this.#runId, call.path));
    return [
      ...own,
      ...shown.map((call) => ({
        type: 'tool-input-available',
        toolCallId: idOf(this.#runId, call.path),
        toolName: call.name,
        input: parsed(call.arguments),
        dynamic: true,
        providerExecuted: true,
        toolMetadata: { agent },
      })),
    ];
  }

  /** The whole text counts, whatever was written of it. */
  #said(text: string): Chunk[] {
    const stale =
      this.#draft !== undefined && !text.startsWith(this.#draft) ? this.#thrownAway() : [];
    const rest = this.#written(text.slice(this.#draft?.length ?? 0));
    const end = this.#draft === undefined ? [] : [{ type: 'text-end', id: this.#textId() }];
    this.#draft = undefined;
    this.#isFollowed = false;
    return [...stale, ...rest, ...end];
  }

  #written(text: string): Chunk[] {
    if (text === '') return [];
    const id = this.#textId();
    const begun = this.#draft === undefined ? [{ type: 'text-start', id }] : [];
    this.#draft = (this.#draft ?? '') + text;
    return [...begun, { type: 'text-delta', id, delta: text }];
  }

  #textId(): string {
    return idOf(this.#runId, `#${this.#view.replies('') + 1}`);
  }

  /** Nothing but the leader's text is in the step of its reply while it is written. */
  #thrownAway(): Chunk[] {
    if (this.#draft === undefined) return [];
    this.#draft = undefined;
    return [{ type: 'reset-step' }];
  }

  #answered({ path, agent, toolName, source, result }: Of<'call.answered'>): Chunk[] {
    const { id: toolCallId, asks } = this.#parts.get(path) ?? { id: idOf(this.#runId, path) };
    const isShown = this.#parts.delete(path);
    const by = asks ? {} : { providerExecuted: true };
    const call = { toolCallId, toolName, input: {}, dynamic: true, toolMetadata: { agent } };
    const part = isShown ? [] : [{ type: 'tool-input-available', ...call, ...by }];
    if (asks?.reason === 'approval' && (source === 'user' || source === 'expiry')) {
      return [{ type: 'tool-output-denied', toolCallId }];
    }
    return source === 'cancellation'
      ? [
          ...part,
          { type: 'tool-output-error', toolCallId, errorText: result, dynamic: true, ...by },
        ]
      : [
          ...part,
          {
            type: 'tool-output-available',
            toolCallId,
            output: parsed(result),
            dynamic: true,
            ...by,
          },
        ];
  }

  /** Notes which part shows a call; none, if the message that is continued has it not. */
  #show(path: string, meant: string, asks?: OpenedQuestion): void {
    const id = this.#pausedOn === undefined ? meant : this.#left?.parts.get(meant);
    if (id !== undefined) this.#parts.set(path, { id, ...(asks ? { asks } : {}) });
  }

  #asked(): Chunk[] {
    const questions = [...this.#view.questions.values()];
    for (const asks of questions) this.#show(asks.path, asks.id, asks);
    return this.questions();
  }

  /**
   * A step with all that waits for the person.
   *
   * @param place where in the chat it is asked, if it is asked elsewhere, too
   */
  questions(place?: number): Chunk[] {
    const questions = [...this.#view.questions.values()];
    return [
      ...this.#step(),
      ...questions.flatMap((question) => questionParts(this.#runId, question, place)),
    ];
  }

  #step(): Chunk[] {
    const left = this.#leftStep();
    this.#isInStep = true;
    return [...left, { type: 'start-step' }];
  }

  #leftStep(): Chunk[] {
    if (!this.#isInStep) return [];
    this.#isInStep = false;
    return [{ type: 'finish-step' }];
  }

  #member(path: string, agent: string, status: string): Chunk {
    return { type: 'data-member', id: idOf(this.#runId, path), data: { agent, status } };
  }

  #state(): Chunk {
    const { status, agents } = this.#view;
    const list = [...agents].map(([path, { name, state }]) => ({ agent: name, path, state }));
    return { type: 'data-state', data: { status, agents: list }, transient: true };
  }
}
