/** Reads a leader's delegation: which members work on what, and what follows what. */
import * as z from 'zod';
import { type Agent, delegationTools } from '../define/agent.ts';
import type { ToolSpec } from '../models/model.ts';
import type { TaskAssignment } from '../stores/events.ts';
import type { ReportRow } from '../stores/rows.ts';

/** A plan, or the sentence that says why there is none. */
export type ReadPlan = { readonly plan: readonly TaskAssignment[] } | { readonly refusal: string };

const task = z.string().min(1);

const toOne = z.object({ member_id: z.string(), task });

const toAll = z.object({ task });

const tasks = z.object({
  tasks: z
    .array(
      z.object({
        id: z
          .string()
          .regex(
            /^(?!__proto__$)[A-Za-z0-9_-]{1,32}$/,
            'must be letters, digits, "_", "-", at most 32',
          ),
        member_id: z.string(),
        task,
        depends_on: z.array(z.string()).optional(),
      }),
    )
    .min(1)
    .max(50),
});

/** What a leader delegated before. */
export interface Before {
  /** How the members ended in its earlier calls. */
  readonly reports: readonly ReportRow[];
  /** Assignments of the calls before it in the same reply. */
  readonly begun: readonly string[];
}

/** Reads the arguments of a delegation. */
export function readPlan(agent: Agent, args: unknown, before: Before): ReadPlan | z.ZodError {
  switch (agent.mode) {
    case 'coordinate':
    case 'route': {
      const read = toOne.safeParse(args);
      if (!read.success) return read.error;
      const { member_id: id, task: text } = read.data;
      return isMember(agent, id)
        ? { plan: [{ id, member: id, after: [], task: text }] }
        : notAMember(agent, id);
    }
    case 'broadcast': {
      const read = toAll.safeParse(args);
      if (!read.success) return read.error;
      const plan = agent.members.map(({ name }) => ({
        id: name,
        member: name,
        after: [],
        task: read.data.task,
      }));
      return { plan };
    }
    case 'tasks': {
      const read = tasks.safeParse(args);
      return read.success ? planOf(agent, read.data.tasks, before) : read.error;
    }
  }
}

function isMember(agent: Agent, name: string): boolean {
  return agent.members.some((member) => member.name === name);
}

function notAMember(agent: Agent, name: string): { readonly refusal: string } {
  const known = agent.members.map((member) => `"${member.name}"`).join(', ');
  return {
    refusal: `"${name.toWellFormed()}" is not a member of your team. Your members are: ${known}.`,
  };
}

function planOf(agent: Agent, list: z.output<typeof tasks>['tasks'], before: Before): ReadPlan {
  const reported = Object.fromEntries(
    before.reports.flatMap(({ assignment, outcome, text }) =>
      outcome === 'reported' ? [[assignment, text]] : [],
    ),
  );
  const ids = list.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice) return { refusal: `Two tasks have the id "${twice}".` };
  const beside = ids.find((id) => before.begun.includes(id));
  if (beside) return { refusal: `Task "${beside}" was begun by another call of the same reply.` };
  const again = ids.find((id) => Object.hasOwn(reported, id));
  if (again) {
    return { refusal: `Task "${again}" is done already and is not run again: ${reported[again]}` };
  }
  for (const { member_id: member, depends_on: after = [] } of list) {
    if (!isMember(agent, member)) return notAMember(agent, member);
    const missing = after.find((id) => !ids.includes(id) && !Object.hasOwn(reported, id));
    if (missing !== undefined) return { refusal: whyMissing(missing, before) };
  }
  const plan = list.map(({ id, member_id: member, task: text, depends_on: all = [] }) => {
    const done = all.filter((one) => !ids.includes(one));
    const known = done.map((one) => `[${one}] ${reported[one]}`);
    return {
      id,
      member,
      after: [...new Set(all.filter((one) => ids.includes(one)))],
      task: known.length === 0 ? text : `${text}\n\nWhat it builds on:\n${known.join('\n')}`,
    };
  });
  const inCircle = firstInCircle(plan);
  return inCircle ? { refusal: `Task "${inCircle}" depends on itself.` } : { plan };
}

function whyMissing(id: string, { reports, begun }: Before): string {
  if (begun.includes(id)) {
    return `Task "${id}" was begun by another call of the same reply. Plan tasks that depend on each other in one call.`;
  }
  return reports.some(({ assignment }) => assignment === id)
    ? `Task "${id}" was not finished, so nothing can depend on it. Give it again, in the same call.`
    : `There is no task "${id.toWellFormed()}" to depend on.`;
}

function firstInCircle(plan: readonly TaskAssignment[]): string | undefined {
  let left = [...plan];
  for (;;) {
    const waiting = new Set(left.map(({ id }) => id));
    const rest = left.filter(({ after }) => after.some((id) => waiting.has(id)));
    if (rest.length === left.length) return walk(rest);
    left = rest;
  }
}

/** The first id that comes again on a walk through tasks that all wait for one of them. */
function walk(waiting: readonly TaskAssignment[]): string | undefined {
  const seen = new Set<string>();
  let at = waiting[0];
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const { after } = at;
    at = waiting.find(({ id }) => after.includes(id));
  }
  return at?.id;
}

/** The tool by which a leader delegates, as its model sees it. */
export function delegationSpec(agent: Agent): ToolSpec {
  const roles = agent.members.map(({ name, role }) => `${name}: ${role}`).join('\n');
  const member = { type: 'string', enum: agent.members.map(({ name }) => name) };
  const text = {
    type: 'string',
    description: 'The task, with all that the member needs to know: it sees nothing else.',
  };
  const [description, properties] = ((): [string, Record<string, unknown>] => {
    switch (agent.mode) {
      case 'coordinate':
        return [
          "Gives a member of your team a task and returns the member's report.",
          { member_id: member, task: text },
        ];
      case 'route':
        return [
          'Gives the message to the member of your team that answers best; its report is the answer.',
          { member_id: member, task: text },
        ];
      case 'broadcast':
        return [
          'Gives every member of your team a task and returns their reports.',
          { task: text },
        ];
      case 'tasks':
        return [
          'Runs tasks by members of your team, side by side where they do not depend on each other, and returns their reports.',
          { tasks: { type: 'array', minItems: 1, maxItems: 50, items: taskSchema(member, text) } },
        ];
    }
  })();
  return {
    name: delegationTools[agent.mode],
    description: `${description}\n${roles}`,
    parameters: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
  };
}

function taskSchema(member: unknown, text: unknown): Record<string, unknown> {
  return {
    type: 'object',
    properties: {
      id: { type: 'string', description: 'A short name, such as "t1".' },
      member_id: member,
      task: text,
      depends_on: {
        type: 'array',
        items: { type: 'string' },
        description: 'Ids of tasks whose reports it needs, of this call or an earlier one.',
      },
    },
    required: ['id', 'member_id', 'task'],
    additionalProperties: false,
  };
}
