/** Says in one sentence what a tool call does or waits for. */
import type { QuestionReason } from '../../machines/vocabulary.ts';
import type { SavedActor } from '../actors.ts';
import { its, membersOf, openAt, type Scene, tries } from './scene.ts';

/** @param name the tool's */
export function callSentence(scene: Scene, call: SavedActor, name: string): string {
  return `"${name}" ${whatFor(scene, call)}.`;
}

function whatFor(scene: Scene, call: SavedActor): string {
  switch (call.state) {
    case 'delegating':
      return `waits for ${delegates(scene, call)}`;
    case 'awaitingUserInput':
    case 'outcomeUnknown':
      return asking(scene, call);
    case 'toolResultPending':
      return running(scene, call);
    default:
      return `is in "${call.state}"`;
  }
}

function delegates(scene: Scene, { path, context }: SavedActor): string {
  const { plan = [], progress } = context;
  const members = its('member', membersOf(scene, path));
  if (plan.length < 2) return members;
  return `${members}: ${progress?.reported.length ?? 0} of ${plan.length} reported`;
}

const waits: Readonly<Record<QuestionReason, string>> = {
  input_required: 'waits for your answer',
  approval: 'waits for approval',
  external_execution: 'waits for what another system returns',
  outcome_unknown: 'waits for you to say whether it ran',
};

function asking(scene: Scene, { path }: SavedActor): string {
  const question = openAt(scene, path).at(-1);
  if (!question) return 'has its answer, and its next step is to come';
  const { reason, expiresAt } = question;
  return `${waits[reason]}${expiresAt ? `, until ${expiresAt.toISOString()}` : ''}`;
}

function running({ effects }: Scene, call: SavedActor): string {
  const effect = effects.find(({ kind, path }) => kind === 'runTool' && path === call.path);
  if (effect?.status === 'pending') return 'is about to run';
  if (effect?.status === 'running') return `runs${tries(effect.attempt)}`;
  return 'has run, and its next step is to come';
}
