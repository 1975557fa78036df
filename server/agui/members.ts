/** The members of a run as AG-UI's subagents, and the states of all agents as its steps. */
import { callOf } from '../log-view.ts';
import { type AguiEvent, idOf } from './protocol.ts';

export class OpenMembers {
  readonly #runId: string;
  /** Started and not finished, outer ones first. */
  readonly #open = new Set<string>();
  readonly #steps = new Map<string, string>();

  constructor(runId: string) {
    this.#runId = runId;
  }

  /** Says whose event it is; the leader's say nothing. */
  by(path: string): { readonly subagentRunId?: string } {
    return path === '' ? {} : { subagentRunId: idOf(this.#runId, path) };
  }

  /**
   * Starts a member that is not started, and those above it. One that was suspended is started again by
   * whatever it does next.
   */
  opened(path: string, fullName: string): AguiEvent[] {
    if (path === '' || this.#open.has(path)) return [];
    const call = callOf(path);
    const above = call.slice(0, Math.max(0, call.lastIndexOf('/')));
    const names = fullName.split('/');
    const outer = this.opened(above, names.slice(0, -1).join('/'));
    this.#open.add(path);
    return [
      ...outer,
      {
        type: 'SUBAGENT_STARTED',
        subagentRunId: idOf(this.#runId, path),
        name: names.at(-1) ?? fullName,
        parentToolCallId: idOf(this.#runId, call),
        ...(above === '' ? {} : { parentSubagentRunId: idOf(this.#runId, above) }),
      },
    ];
  }

  step(path: string, fullName: string, state: string): AguiEvent[] {
    const opened = this.opened(path, fullName);
    const left = this.#left(path);
    this.#steps.set(path, state);
    return [...opened, ...left, { type: 'STEP_STARTED', stepName: state, ...this.by(path) }];
  }

  /** A member whose turn never came was never started. */
  ended(path: string, outcome: 'reported' | 'failed' | 'cancelled' | 'skipped'): AguiEvent[] {
    if (!this.#open.delete(path)) return [];
    const subagentRunId = idOf(this.#runId, path);
    const left = this.#left(path);
    if (outcome === 'reported') {
      return [...left, { type: 'SUBAGENT_FINISHED', subagentRunId, outcome: { type: 'success' } }];
    }
    const message = `The member ${outcome === 'failed' ? 'failed' : 'was cancelled'}.`;
    return [...left, { type: 'SUBAGENT_ERROR', subagentRunId, message, code: outcome }];
  }

  /**
   * Closes everything, inner members first.
   *
   * @param asked the ids of the open questions inside a member
   */
  closed(asked: (path: string) => readonly string[]): AguiEvent[] {
    const members = [...this.#open].reverse().flatMap((path): AguiEvent[] => {
      const outcome = { type: 'suspended', interruptIds: asked(path) } as const;
      const subagentRunId = idOf(this.#runId, path);
      return [...this.#left(path), { type: 'SUBAGENT_FINISHED', subagentRunId, outcome }];
    });
    this.#open.clear();
    return [...members, ...this.#left('')];
  }

  #left(path: string): AguiEvent[] {
    const stepName = this.#steps.get(path);
    this.#steps.delete(path);
    return stepName ? [{ type: 'STEP_FINISHED', stepName, ...this.by(path) }] : [];
  }
}
