/** Says in one sentence what an agent does or waits for. */
import type { Path } from '../../machines/vocabulary.ts';
import { parentOf, type SavedActor } from '../actors.ts';
import { childrenOf, its, listed, membersOf, ownName, type Scene, tries } from './scene.ts';

export function agentSentence(scene: Scene, { path, state, context }: SavedActor): string {
  const who = `"${ownName(context.name ?? '')}"`;
  const [outer] = state.split('.');
  switch (outer) {
    case 'thinking':
      return `${who} ${asking(scene, path)}.`;
    case 'answeringCalls':
      return `${who} waits ${listed(awaited(scene, path).map((whom) => `for ${whom}`))}.`;
    case 'done':
      return `${who} has reported.`;
    case 'failed':
      return `${who} failed.`;
    case 'cancelled':
      return `${who} was cancelled.`;
    default:
      return `${who} is in "${state}".`;
  }
}

function asking({ effects }: Scene, agent: Path): string {
  const effect = effects.find(({ kind, path }) => kind === 'callModel' && path === agent);
  if (!effect) return 'has heard from its model, and its next step is to come';
  if (effect.stalledBy !== null) return 'waits for its model, which cannot be had for now';
  if (effect.status === 'pending') return 'is about to ask its model';
  return `asks its model${tries(effect.attempt)}`;
}

/** Whom the agent's open calls wait for, the person last. */
function awaited(scene: Scene, agent: Path): string[] {
  const calls = childrenOf(scene, agent);
  const inState = (...states: string[]) => calls.filter(({ state }) => states.includes(state));
  const members = inState('delegating').flatMap(({ path }) => membersOf(scene, path));
  const tools = inState('toolResultPending').map(({ path }) => toolAt(scene, path));
  const asks = inState('awaitingUserInput', 'outcomeUnknown').length > 0;
  return [
    ...(members.length > 0 ? [its('member', members)] : []),
    ...(tools.length > 0 ? [its('tool', tools)] : []),
    ...(asks ? [`you: ${answered(scene, agent)}`] : []),
  ];
}

function toolAt({ calls }: Scene, call: Path): string {
  return calls.find(({ path }) => path === call)?.name ?? '';
}

/** How far the person has come with the questions of the agent's own calls. */
function answered({ questions }: Scene, agent: Path): string {
  const asked = questions.filter(
    ({ path, status }) => parentOf(path) === agent && status !== 'cancelled',
  );
  const closed = asked.filter(({ status }) => status !== 'open');
  return `${closed.length} of ${asked.length} question${asked.length === 1 ? '' : 's'} answered`;
}
