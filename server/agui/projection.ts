/**
 * The events of a run's log as those of an AG-UI run, in the order that AG-UI demands: whatever is
 * opened is closed again before the end.
 *
 * An AG-UI run is what happens between two pauses. The log is read from its first event, so that ids
 * are the same whoever reads it when; what the client has already is taken in silently.
 */
import type { LogEvent } from '../../src/index.ts';
import { isInside, LogView } from '../log-view.ts';
import { interruptOf } from './interrupts.ts';
import { OpenMembers } from './members.ts';
import { replyId, resultId } from './messages.ts';
import { type AguiEvent, idOf, type Outcome } from './protocol.ts';
import type { Segment } from './segment.ts';
import { UsageByModel } from './usage.ts';

type Of<Type extends LogEvent['type']> = Extract<LogEvent, { readonly type: Type }>;

/** A reply that is being written. */
interface Draft {
  readonly id: string;
  text: string;
}

export class Projection {
  readonly #segment: Segment;
  readonly #view = new LogView();
  readonly #members: OpenMembers;
  readonly #drafts = new Map<string, Draft>();
  /** The agents whose reply is followed from its first word, by path, with the tries of it. */
  readonly #tries = new Map<string, number>();
  readonly #usage: UsageByModel;
  /** Whether something was sent that does not hold. */
  hasStale = false;

  /** @param usage what was used before in the same run of AG-UI */
  constructor(segment: Segment, usage = new UsageByModel()) {
    this.#segment = segment;
    this.#usage = usage;
    this.#members = new OpenMembers(segment.run.id);
  }

  /** What an event means, but for the end of the AG-UI run; see `outcome`. */
  take(event: LogEvent): AguiEvent[] {
    if (event.seq <= this.#segment.after) {
      this.#view.take(event);
      return [];
    }
    const told = this.#told(event).map((one) => ({ timestamp: event.at.getTime(), ...one }));
    const hasChanged = this.#view.take(event);
    const ends = isLast(event) ? this.#closed() : [];
    return [...told, ...ends, ...(hasChanged ? [this.snapshot()] : [])];
  }

  snapshot(): AguiEvent {
    const { status, agents, questions, usage } = this.#view;
    const { id, sessionId, team } = this.#segment.run;
    return {
      type: 'STATE_SNAPSHOT',
      snapshot: {
        run_id: id,
        session_id: sessionId,
        team,
        status,
        agents: [...agents].map(([path, { name, state }]) => ({ agent: name, path, state })),
        questions: [...questions.values()].map((question) => interruptOf(id, question)),
        usage: { ...usage },
      },
    };
  }

  /** How the AG-UI run ends with this event; undefined if it does not. */
  outcome(event: LogEvent): AguiEvent | undefined {
    const { run, runId, isOld } = this.#segment;
    const finished = (outcome: Outcome, result?: unknown): AguiEvent => ({
      type: 'RUN_FINISHED',
      threadId: run.sessionId,
      runId,
      outcome,
      ...(result === undefined ? {} : { result }),
      ...this.#usage.told(),
    });
    switch (event.type) {
      case 'run.completed':
        return finished({ type: 'success' }, { run_id: run.id, final_content: event.content });
      case 'run.cancelled':
        if (!isOld) return finished({ type: 'cancelled' });
        return { type: 'RUN_ERROR', message: 'The run was cancelled.', code: 'cancelled' };
      case 'run.failed':
        return { type: 'RUN_ERROR', message: event.failure.message, code: event.failure.code };
      case 'run.paused':
        return this.#view.questions.size > 0 ? finished(this.#pause()) : undefined;
      default:
        return undefined;
    }
  }

  /** A client that offered the tools that wait is asked to carry them out, as older ones expect. */
  #pause(): Outcome {
    const questions = [...this.#view.questions.values()];
    const { run, offered, isOld } = this.#segment;
    if (questions.every(({ toolName }) => offered.has(toolName))) {
      // Older clients find out by themselves which calls have no result.
      if (isOld) return { type: 'success' };
      const ids = questions.map(({ path }) => idOf(run.id, path));
      return { type: 'success', pendingToolCallIds: ids };
    }
    return { type: 'interrupt', interrupts: questions.map((one) => interruptOf(run.id, one)) };
  }

  #told(event: LogEvent): AguiEvent[] {
    const { agent, path } = event;
    switch (event.type) {
      case 'member.started':
        return this.#members.opened(path, agent);
      case 'member.ended':
        return [...this.#endDraft(path), ...this.#members.ended(path, event.outcome)];
      case 'state.entered':
        return this.#members.step(path, agent, event.state);
      case 'model.called':
        this.#tries.set(path, 1);
        return [];
      case 'model.restarted':
      case 'model.failed':
      case 'model.retrying':
      case 'model.stalled':
        return this.#thrownAway(path);
      case 'text.delta':
        return this.#written(event);
      case 'model.replied':
        return this.#replied(event);
      case 'model.used':
        this.#usage.add(event);
        return [];
      case 'call.answered':
        return this.#answered(event);
      default:
        return [];
    }
  }

  #written({ path, agent, text }: Of<'text.delta'>): AguiEvent[] {
    const tries = this.#tries.get(path);
    // Joined in the middle of a reply: it comes as a whole when it is finished.
    if (tries === undefined || text === '') return [];
    const by = this.#members.by(path);
    const draft = this.#drafts.get(path);
    if (draft) {
      draft.text += text;
      return [{ type: 'TEXT_MESSAGE_CONTENT', messageId: draft.id, delta: text, ...by }];
    }
    const whole = this.#replyId(path);
    const id = tries === 1 ? whole : `${whole}~${tries}`;
    this.#drafts.set(path, { id, text });
    return [
      ...this.#members.opened(path, agent),
      { type: 'TEXT_MESSAGE_START', messageId: id, role: 'assistant', ...by },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: text, ...by },
    ];
  }

  #replied(event: Of<'model.replied'>): AguiEvent[] {
    const { path, agent, calls } = event;
    const text = event.text ?? '';
    this.#usage.add(event);
    const begun = this.#drafts.get(path);
    const stale = begun && !text.startsWith(begun.text) ? this.#thrownAway(path) : [];
    this.#tries.set(path, this.#tries.get(path) ?? 1);
    const rest = text.slice(this.#drafts.get(path)?.text.length ?? 0);
    const written = this.#written({ ...event, type: 'text.delta', text: rest });
    const parent = this.#drafts.get(path)?.id ?? this.#replyId(path);
    const by = this.#members.by(path);
    return [
      ...stale,
      ...this.#members.opened(path, agent),
      ...written,
      ...this.#endDraft(path),
      ...calls.flatMap((call): AguiEvent[] => {
        const toolCallId = idOf(this.#segment.run.id, call.path);
        const named = { toolCallName: call.name, parentMessageId: parent };
        return [
          { type: 'TOOL_CALL_START', toolCallId, ...named, ...by },
          ...(call.arguments === ''
            ? []
            : [{ type: 'TOOL_CALL_ARGS', toolCallId, delta: call.arguments, ...by } as const]),
          { type: 'TOOL_CALL_END', toolCallId, ...by },
        ];
      }),
    ];
  }

  #answered({ path, agent, result: content }: Of<'call.answered'>): AguiEvent[] {
    const owner = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const toolCallId = idOf(this.#segment.run.id, path);
    const messageId = resultId(toolCallId);
    return [
      ...this.#members.opened(owner, agent),
      {
        type: 'TOOL_CALL_RESULT',
        messageId,
        toolCallId,
        content,
        role: 'tool',
        ...this.#members.by(owner),
      },
    ];
  }

  #replyId(path: string): string {
    return replyId(this.#segment.run.id, path, this.#view.replies(path) + 1);
  }

  /** AG-UI cannot take back what was written: it is ended, and the messages are sent anew later. */
  #thrownAway(path: string): AguiEvent[] {
    const tries = this.#tries.get(path);
    if (tries !== undefined) this.#tries.set(path, tries + 1);
    if (this.#drafts.has(path)) this.hasStale = true;
    return this.#endDraft(path);
  }

  #endDraft(path: string): AguiEvent[] {
    const draft = this.#drafts.get(path);
    this.#drafts.delete(path);
    const by = this.#members.by(path);
    return draft ? [{ type: 'TEXT_MESSAGE_END', messageId: draft.id, ...by }] : [];
  }

  #closed(): AguiEvent[] {
    const questions = [...this.#view.questions.values()];
    const inside = (member: string) =>
      questions.filter(({ path }) => isInside(path, member)).map(({ id }) => id);
    const drafts = [...this.#drafts.keys()].flatMap((path) => this.#endDraft(path));
    return [...drafts, ...this.#members.closed(inside)];
  }
}

function isLast({ type }: LogEvent): boolean {
  return ['run.paused', 'run.completed', 'run.failed', 'run.cancelled'].includes(type);
}
