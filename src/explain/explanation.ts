/** Says why a run stands where it stands: who waits for whom, and what each actor can take next. */
import { chartVersion } from '../../machines/version.ts';
import type { Path, RunStatus } from '../../machines/vocabulary.ts';
import { actorsIn } from '../actors.ts';
import { eventsIn } from '../charts/charts.ts';
import { type Actor, actorsAfter } from '../revisions.ts';
import type { Standing } from '../stores/standing.ts';
import { agentSentence } from './agent-sentence.ts';
import { callSentence } from './call-sentence.ts';
import { runSentence } from './run-sentence.ts';
import { openAt, type Scene } from './scene.ts';

/** An event that an actor's chart takes where the actor stands. */
export interface LegalEvent {
  /** As in the chart: `user.answered`; `xstate.done.actor.*` is the end of an actor below. */
  readonly type: string;
  /**
   * What brings it about. `resume` and `cancel` are yours to call; the others come by themselves: from
   * the model, the tool, a question's deadline, a restart, or an actor that belongs to this one.
   */
  readonly cause: 'resume' | 'cancel' | 'model' | 'tool' | 'deadline' | 'restart' | 'actor';
}

/** One actor of a run, and what it does or waits for. */
export interface ExplainedActor extends Actor {
  /** `"researcher" waits for you: 1 of 2 questions answered.` */
  readonly sentence: string;
  /**
   * What it can take now, whatever the guards make of it; empty once the run has ended. What a deadline
   * brings about is among it only where there is one.
   */
  readonly events: readonly LegalEvent[];
  /** Its open questions: a tool call's own, and an agent's calls' own. */
  readonly questionIds: readonly string[];
}

/** Why a run stands where it stands, as it was committed last. */
export interface Explanation {
  readonly runId: string;
  readonly status: RunStatus;
  /** The number of steps taken. */
  readonly revision: number;
  /** `The run waits for you: 2 questions are open.` */
  readonly sentence: string;
  /**
   * True if the run stands still and no answer of the person is what it waits for: this code cannot
   * continue it, or its model cannot be had for now.
   */
  readonly stalled: boolean;
  /** Each before those that belong to it; none before the first step. */
  readonly actors: readonly ExplainedActor[];
}

const causes: Readonly<Record<string, LegalEvent['cause']>> = {
  'model.replied': 'model',
  'model.failed': 'model',
  'tool.finished': 'tool',
  'tool.asked': 'tool',
  'tool.outcomeUnknown': 'restart',
  'user.answered': 'resume',
  'question.expired': 'deadline',
  'run.failed': 'deadline',
  'run.cancelled': 'cancel',
};

/**
 * Explains a run from what was committed.
 *
 * @param objection why this code cannot continue the run, if it cannot
 * @param isHeldBack whether it goes on as soon as fewer runs are at work in this process
 */
export function explanationOf(
  standing: Standing,
  objection: string | undefined,
  isHeldBack: boolean,
): Explanation {
  const { run, effects, waiting, calls } = standing;
  const scene: Scene = { ...standing, isHeldBack, actors: actorsIn(standing.snapshot) };
  const known = new Map(actorsAfter(standing.revisions).map((actor) => [actor.path, actor]));
  const names = new Map(calls.map(({ path, name }) => [path, name]));
  const isOver = run.status !== 'working' && run.status !== 'input_required';
  const isAtWork =
    waiting > 0 ||
    effects.some(({ status, stalledBy }) => status !== 'unknown' && stalledBy === null);
  const isIdle = run.status === 'working' && !run.queued && !isAtWork && !isHeldBack;
  return {
    runId: run.id,
    status: run.status,
    revision: run.revision,
    sentence: runSentence(scene, objection),
    stalled: !isOver && (objection !== undefined || isIdle),
    actors: scene.actors.flatMap((actor): ExplainedActor[] => {
      const row = known.get(actor.path);
      if (!row) return [];
      const name = names.get(actor.path) ?? row.name;
      const isAgent = actor.kind === 'agent';
      const sentence = isAgent ? agentSentence(scene, actor) : callSentence(scene, actor, name);
      const canMove = !isOver && run.chartVersion === chartVersion;
      const types = canMove ? eventsIn(actor.kind, actor.state) : [];
      const events = types.filter((type) => canCome(scene, actor.path, type)).map(legal);
      return [{ ...row, name, sentence, events, questionIds: questionIds(scene, actor.path) }];
    }),
  };
}

/**
 * Whether anything brings an event about. What a deadline does needs one: to the call whose question
 * has it, or to the leader where the run is to fail then. Members hear of that as of a cancellation.
 */
function canCome({ questions }: Scene, actor: Path, type: string): boolean {
  const timed = questions.filter(
    ({ status, onExpiry }) => onExpiry !== undefined && (status === 'open' || status === 'expired'),
  );
  if (type === 'question.expired') {
    return timed.some(({ path, onExpiry }) => path === actor && onExpiry !== 'fail');
  }
  if (type !== 'run.failed') return true;
  return actor === '' && timed.some(({ onExpiry }) => onExpiry === 'fail');
}

function legal(type: string): LegalEvent {
  return { type, cause: causes[type] ?? 'actor' };
}

function questionIds(scene: Scene, path: Path): string[] {
  return openAt(scene, path).map(({ id }) => id);
}
