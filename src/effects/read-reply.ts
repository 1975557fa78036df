/**
 * Reads a model's reply into calls that a chart can take: each with an id that is fit to be sent
 * again, and with what it means. What cannot be carried out becomes a refusal, never an error.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Agent, delegationTools, type Guard } from '../define/agent.ts';
import type { FunctionTool, Tool } from '../define/tool.ts';
import { RunError } from '../errors.ts';
import type { AnsweredCall, Reply, RequestedCall } from '../models/model.ts';
import { externalQuestion, heldToolQuestion } from '../questions/drafts.ts';
import type { ReadCall } from '../stores/events.ts';
import type { ReportRow } from '../stores/rows.ts';
import { bounded, isDeeperThan } from '../text.ts';
import { readPlan } from './delegations.ts';

/** What is known of the run when a reply is read. */
export interface Reading {
  readonly agent: Agent;
  /** Ids of calls that the model sees of earlier runs. */
  readonly takenIds: ReadonlySet<string>;
  /** The agent's earlier calls in this run, oldest first. */
  readonly earlier: readonly AnsweredCall[];
  /** How this leader's earlier tasks ended. */
  readonly reports: readonly ReportRow[];
  /** The agent's tools that the person allowed for this session without asking. */
  readonly allowed: ReadonlySet<string>;
  /** Levels of delegation above this agent, and how many there may be. */
  readonly depth: number;
  readonly depthMax: number;
  /** Told of what an author's own function threw. */
  readonly report: (error: unknown) => void;
}

/** OpenAI takes back at most so many calls of one message; what is beyond them is left out. */
const callsMax = 128;

/** Longer or deeper arguments are refused: no store and no API takes them. */
const argumentsMax = 262_144;
const argumentsDepthMax = 64;

/** The same call is refused when an agent made it so often already. */
const repeatsMax = 5;

/** Reads the calls of a reply. */
export async function readCalls(reading: Reading, reply: Reply): Promise<ReadCall[]> {
  const { agent, earlier } = reading;
  const ids = new Set([...reading.takenIds, ...earlier.map(({ id }) => id)]);
  const calls: ReadCall[] = [];
  for (const [index, call] of reply.calls.slice(0, callsMax).entries()) {
    const id = freshId(call.id, ids);
    ids.add(id);
    const sent = sentAs(id, call);
    const max = agent.limits.toolCallsPerTurn;
    const meaning =
      reply.finish === 'length'
        ? refusal('Your reply was cut off, so this call was not carried out. Be briefer.')
        : index >= max
          ? refusal(`At most ${max} calls are carried out at a time; this one was not.`)
          : await limitedMeaning(reading, call, sent, calls);
    calls.push({ ...sent, ...meaning });
  }
  return calls;
}

type Sent = Pick<ReadCall, 'id' | 'name' | 'arguments' | 'raw'>;
type Meaning = Omit<ReadCall, keyof Sent>;

/** The call as it can be sent again, with the model's own text where that differs. */
function sentAs(id: string, call: RequestedCall): Sent {
  const sent = { id, name: sendableName(call.name), arguments: sendableArguments(call) };
  const raw = {
    name: sent.name === call.name ? null : bounded(call.name),
    arguments: sent.arguments === call.arguments ? null : bounded(call.arguments),
  };
  return raw.name === null && raw.arguments === null ? sent : { ...sent, raw };
}

function refusal(sentence: string): Meaning {
  return { intent: 'refusal', refusal: sentence };
}

async function limitedMeaning(
  reading: Reading,
  call: RequestedCall,
  sent: Sent,
  sameReply: readonly ReadCall[],
): Promise<Meaning> {
  const meant = compact(sent.arguments);
  const same = [...reading.earlier, ...sameReply].filter(
    ({ name, arguments: args }) => name === sent.name && compact(args) === meant,
  );
  if (same.length >= repeatsMax) {
    return refusal(`You made this very call ${same.length} times already. Do something else.`);
  }
  const meaning = await safeMeaning(reading, call, sameReply);
  if (meaning.intent !== 'delegation') return meaning;
  if (reading.depth >= reading.depthMax) {
    return refusal(`Delegations go at most ${reading.depthMax} levels deep.`);
  }
  if (reading.agent.mode === 'route' && sameReply.some(({ intent }) => intent === 'delegation')) {
    return refusal('Choose one member: another one was chosen in the same reply.');
  }
  return meaning;
}

/** JSON text without the spaces that a model may or may not write. */
function compact(json: string): string {
  return JSON.stringify(JSON.parse(json));
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
  return text === '' || parseArguments(text) === undefined ? '{}' : text;
}

/** Undefined if the text is no JSON object of bearable size. Some models send nothing for "none". */
function parseArguments(text: string): Record<string, unknown> | undefined {
  if (text === '') return {};
  if (text.length > argumentsMax || !text.isWellFormed()) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && !isDeeperThan(value, argumentsDepthMax) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A guard, a schema or a rule of the author's that fails lets nothing through. */
async function safeMeaning(
  reading: Reading,
  call: RequestedCall,
  sameReply: readonly ReadCall[],
): Promise<Meaning> {
  try {
    return await meaningOf(reading, call, sameReply);
  } catch (error) {
    reading.report(error);
    const why = error instanceof RunError ? error.message : 'What checks it failed.';
    return refusal(`This call was not carried out. ${why}`);
  }
}

async function meaningOf(
  reading: Reading,
  call: RequestedCall,
  sameReply: readonly ReadCall[],
): Promise<Meaning> {
  const { agent } = reading;
  const args = parseArguments(call.arguments);
  if (args === undefined) {
    return refusal(
      `The arguments of "${sendableName(call.name)}" are not a JSON object of at most ${argumentsMax} characters and ${argumentsDepthMax} levels.`,
    );
  }
  if (call.name === delegationTools[agent.mode] && agent.members.length > 0) {
    return delegation(reading, args, sameReply);
  }
  const tool = agent.tools.find(({ name }) => name === call.name);
  if (tool) return useOf(tool, args, reading.allowed.has(tool.name));
  const known = toolNames(agent).map((name) => `"${name}"`);
  return refusal(
    `There is no tool "${sendableName(call.name)}". ${known.length > 0 ? `There is: ${known.join(', ')}.` : 'There is none.'}`,
  );
}

function toolNames(agent: Agent): string[] {
  const own = agent.tools.map(({ name }) => name);
  return agent.members.length > 0 ? [...own, delegationTools[agent.mode]] : own;
}

async function delegation(
  reading: Reading,
  args: Record<string, unknown>,
  sameReply: readonly ReadCall[],
): Promise<Meaning> {
  const { agent, reports } = reading;
  const begun = sameReply.flatMap(({ plan = [] }) => plan.map(({ id }) => id));
  const read = readPlan(agent, args, { reports, begun });
  if (read instanceof z.ZodError) return refusal(misfit(delegationTools[agent.mode], read));
  if ('refusal' in read) return refusal(read.refusal);
  for (const { member, task } of read.plan) {
    const guards = agent.members.find(({ name }) => name === member)?.inputGuards ?? [];
    const objection = await firstObjection(member, guards, task);
    if (objection !== undefined) return refusal(`"${member}" did not take the task: ${objection}`);
  }
  return { intent: 'delegation', plan: read.plan };
}

/**
 * What the first guard that refuses a text says.
 *
 * @param owner the agent whose guards they are
 * @throws RunError `internal_error` if a guard fails: then nothing passes
 */
export async function firstObjection(
  owner: string,
  guards: Agent['inputGuards'],
  text: string,
): Promise<string | undefined> {
  for (const guard of guards) {
    const objection = await guarded(owner, guard, text);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

async function guarded(owner: string, guard: Guard, text: string): Promise<string | undefined> {
  try {
    return await guard(text);
  } catch (cause) {
    throw new RunError('internal_error', `A guard of "${owner}" failed.`, {}, cause);
  }
}

async function useOf(tool: Tool, args: unknown, allowed: boolean): Promise<Meaning> {
  const read = await tool.input.safeParseAsync(args);
  if (!read.success) return refusal(misfit(tool.name, read.error));
  if (tool.kind === 'question') return { intent: 'question', question: tool.question(read.data) };
  if (!tool.execute) return { intent: 'question', question: externalQuestion(tool) };
  const needsApproval = !allowed && isGated(tool, read.data);
  const repeatable = tool.idempotent;
  if (!needsApproval && !tool.askUser) return { intent: 'tool', repeatable };
  return { intent: 'heldTool', repeatable, question: heldToolQuestion(tool, needsApproval) };
}

/** A rule that fails cannot say that nobody need be asked. */
function isGated({ approval }: FunctionTool, input: unknown): boolean {
  if (typeof approval !== 'function') return approval === 'always';
  try {
    return approval(input);
  } catch {
    return true;
  }
}

/** Says to the model what does not fit, by name. */
function misfit(what: string, error: z.ZodError): string {
  const list = error.issues.map(({ path, message }) => `${path.join('.') || 'they'}: ${message}`);
  return `The arguments of "${what}" do not fit its input: ${list.slice(0, 10).join('; ')}.`;
}
