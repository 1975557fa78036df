/** Tool calls as a reply brings them, in short. */
import type { Intent, PlannedCall } from '../../machines/vocabulary.ts';

export function call(id: string, intent: Exclude<Intent, 'delegation'>): PlannedCall {
  return { id, intent };
}

/** One task for each of some members, all at once. */
export function delegation(id: string, ...members: string[]): PlannedCall {
  const plan = members.map((member) => ({ id: member, member, after: [] }));
  return { id, intent: 'delegation', plan };
}

/** A list of tasks: each has the tasks that it builds on, and a worker of its own. */
export function taskList(id: string, tasks: Readonly<Record<string, readonly string[]>>) {
  const plan = Object.entries(tasks).map(([task, after]) => {
    return { id: task, member: `Worker of ${task}`, after };
  });
  return { id, intent: 'delegation', plan } satisfies PlannedCall;
}
