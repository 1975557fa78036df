/** How a run stands after each event of its log, told from the events alone. */
import type { LogEvent } from '../src/index.ts';

type Of<Type extends LogEvent['type']> = Extract<LogEvent, { readonly type: Type }>;

export type OpenedQuestion = Of<'question.opened'>['question'] & {
  /** The path of the asking call. */
  readonly path: string;
  /** The full name of the asking agent. */
  readonly askedBy: string;
};

export class LogView {
  status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled' = 'working';
  /** The agents at work, by path. */
  readonly agents = new Map<string, { readonly name: string; readonly state: string }>();
  /** The open questions, by id. */
  readonly questions = new Map<string, OpenedQuestion>();
  readonly usage = { model_calls: 0, input_tokens: 0, output_tokens: 0 };
  readonly #replies = new Map<string, number>();

  /** How many replies an agent gave. */
  replies(path: string): number {
    return this.#replies.get(path) ?? 0;
  }

  /** @returns whether more has changed than what was said */
  take(event: LogEvent): boolean {
    const { agent, path } = event;
    switch (event.type) {
      case 'run.started':
      case 'run.resumed':
        this.status = 'working';
        return true;
      case 'run.paused':
        this.status = 'input_required';
        return true;
      case 'run.completed':
      case 'run.failed':
      case 'run.cancelled':
        this.status = endings[event.type];
        this.agents.clear();
        return true;
      case 'state.entered':
        this.agents.set(path, { name: agent, state: event.state });
        return true;
      case 'member.ended':
        return this.agents.delete(path);
      case 'question.opened':
        this.questions.set(event.question.id, { ...event.question, path, askedBy: agent });
        return true;
      case 'question.answered':
      case 'question.expired':
      case 'question.cancelled':
        return this.questions.delete(event.questionId);
      case 'model.replied':
        this.#replies.set(path, this.replies(path) + 1);
        this.#count(event);
        return false;
      case 'model.used':
        this.#count(event);
        return false;
      default:
        return false;
    }
  }

  #count({ usage }: Of<'model.replied' | 'model.used'>): void {
    this.usage.model_calls += 1;
    this.usage.input_tokens += usage.inputTokens;
    this.usage.output_tokens += usage.outputTokens;
  }
}

const endings = {
  'run.completed': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
} as const;

/** The path of the agent to whom an event happened, or who made the call that it is about. */
export function agentPathOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return path.slice(slash + 1).includes(':') ? path : path.slice(0, Math.max(0, slash));
}

/** The path of the call by which a member was called. */
export function callOf(member: string): string {
  return member.slice(0, member.lastIndexOf(':'));
}

/** Whether one path lies inside a member's. */
export function isInside(path: string, member: string): boolean {
  return path === member || path.startsWith(`${member}/`);
}
