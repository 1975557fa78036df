/** Says in one sentence what a run as a whole does or waits for. */
import { listed, type Scene } from './scene.ts';

/** @param objection why this code cannot continue the run, if it cannot */
export function runSentence(scene: Scene, objection: string | undefined): string {
  const { run, blockedBy } = scene;
  switch (run.status) {
    case 'completed':
      return 'The run is completed.';
    case 'failed':
      return `The run failed: ${run.failure?.message ?? 'nobody knows why.'}`;
    case 'cancelled':
      return 'The run was cancelled.';
    case 'working':
    case 'input_required':
      if (objection !== undefined) return `The run is stalled: ${objection}`;
      if (run.queued) return `The run waits for run "${blockedBy}" of its session to end.`;
      return run.status === 'working' ? work(scene) : pause(scene);
  }
}

function pause({ questions }: Scene): string {
  const open = questions.filter(({ status }) => status === 'open').length;
  if (open === 0) return 'The run has your answer, and its next step is to come.';
  return `The run waits for you: ${open === 1 ? '1 question is' : `${open} questions are`} open.`;
}

function work({ effects, waiting, run, isHeldBack }: Scene): string {
  if (isHeldBack) return 'The run waits for its turn: as many runs are at work as may be.';
  const count = (kind: 'callModel' | 'runTool', noun: string) => {
    const { length } = effects.filter(
      (one) => one.kind === kind && one.status !== 'unknown' && one.stalledBy === null,
    );
    return length === 0 ? [] : [`${length} ${noun}${length === 1 ? '' : 's'}`];
  };
  const underWay = [...count('callModel', 'model call'), ...count('runTool', 'tool')];
  if (underWay.length > 0) return `The run is at work: ${listed(underWay)} under way.`;
  if (run.revision === 0 && waiting > 0) return 'The run is about to begin.';
  if (waiting > 0) return 'The run is at work: its next step is to come.';
  const why = effects.find(({ stalledBy }) => stalledBy !== null)?.stalledBy;
  return `The run is stalled: ${why ?? 'nothing of it is under way.'}`;
}
