/**
 * Reads a model's reply into calls that a chart can take: each with an id that is fit to be sent
 * again, and with what it means. What cannot be carried out becomes a refusal, never an error.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Agent, delegateTool } from '../define/agent.ts';
import type { Tool } from '../define/tool.ts';
import type { Reply, RequestedCall } from '../models/model.ts';
import type { ReadCall } from '../stores/store.ts';

/** The most calls of one reply that are carried out; the rest is refused. */
const callsMax = 32;

/**
 * Reads the calls of a reply by an agent.
 *
 * @param taken the ids of all earlier calls in the agent's transcript
 */
export function readCalls(agent: Agent, reply: Reply, taken: ReadonlySet<string>): ReadCall[] {
  const ids = new Set(taken);
  return reply.calls.map((call, index) => {
    const id = freshId(call.id, ids);
    ids.add(id);
    const sent = { id, name: sendableName(call.name), arguments: sendableArguments(call) };
    if (reply.finish === 'length') {
      return refused(sent, 'Your reply was cut off, so this call was not carried out. Be briefer.');
    }
    if (index >= callsMax) {
      return refused(
        sent,
        `At most ${callsMax} calls are carried out at a time; this one was not.`,
      );
    }
    return { ...sent, ...meaningOf(agent, call) };
  });
}

type Sent = Pick<ReadCall, 'id' | 'name' | 'arguments'>;
type Meaning = Omit<ReadCall, keyof Sent>;

function refused(sent: Sent, refusal: string): ReadCall {
  return { ...sent, intent: 'refusal', refusal };
}

/** Keeps the model's own id where every provider would take it back and it is new. */
function freshId(id: string, taken: ReadonlySet<string>): string {
  if (/^[A-Za-z0-9_-]{1,40}$/.test(id) && id !== '__proto__' && !taken.has(id)) return id;
  return `call_${randomBytes(12).toString('hex')}`;
}

function sendableName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unnamed';
}

function sendableArguments({ arguments: text }: RequestedCall): string {
  return parseArguments(text) === undefined ? '{}' : text === '' ? '{}' : text;
}

/** Undefined if the text is not a JSON object. Some models send nothing for "no arguments". */
function parseArguments(text: string): Record<string, unknown> | undefined {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && text.isWellFormed() ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function meaningOf(agent: Agent, call: RequestedCall): Meaning {
  const args = parseArguments(call.arguments);
  if (args === undefined) {
    return refusal(`The arguments of "${sendableName(call.name)}" are not a JSON object.`);
  }
  if (call.name === delegateTool && agent.members.length > 0) return delegation(agent, args);
  const tool = agent.tools.find(({ name }) => name === call.name);
  if (!tool) {
    const known = toolNames(agent)
      .map((name) => `"${name}"`)
      .join(', ');
    return refusal(
      `There is no tool "${sendableName(call.name)}". ${known ? `There is: ${known}.` : 'There is none.'}`,
    );
  }
  return useOf(tool, args);
}

function refusal(sentence: string): Meaning {
  return { intent: 'refusal', refusal: sentence };
}

function toolNames(agent: Agent): string[] {
  const own = agent.tools.map(({ name }) => name);
  return agent.members.length > 0 ? [...own, delegateTool] : own;
}

const delegationInput = z.object({ member_id: z.string(), task: z.string().min(1) });

function delegation(agent: Agent, args: Record<string, unknown>): Meaning {
  const read = delegationInput.safeParse(args);
  if (!read.success) return refusal(misfit(delegateTool, read.error));
  const { member_id: member, task } = read.data;
  if (agent.members.some(({ name }) => name === member)) {
    return { intent: 'delegation', member, task };
  }
  const known = agent.members.map(({ name }) => `"${name}"`).join(', ');
  return refusal(
    `"${member.toWellFormed()}" is not a member of your team. Your members are: ${known}.`,
  );
}

function useOf(tool: Tool, args: Record<string, unknown>): Meaning {
  const read = safeRead(tool, args);
  if ('problem' in read) return refusal(read.problem);
  if (tool.kind === 'question') return { intent: 'question', question: tool.question(read.input) };
  return { intent: 'tool', repeatable: tool.idempotent };
}

function safeRead(tool: Tool, args: unknown): { input: unknown } | { problem: string } {
  try {
    const read = tool.input.safeParse(args);
    return read.success ? { input: read.data } : { problem: misfit(tool.name, read.error) };
  } catch {
    return { problem: `The arguments of "${tool.name}" could not be checked.` };
  }
}

/** Says to the model what does not fit, by name. */
function misfit(tool: string, error: z.ZodError): string {
  const what = error.issues.map(({ path, message }) => `${path.join('.') || 'they'}: ${message}`);
  return `The arguments of "${tool}" do not fit its input: ${what.slice(0, 10).join('; ')}.`;
}
