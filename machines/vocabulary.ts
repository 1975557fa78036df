/**
 * The nouns of Cadenza. One word, one thing, in code, wire, docs and errors.
 *
 * Terminology:
 *
 * - person: who talks to a team and answers its questions; `user` in identifiers
 * - author: the developer who defines a team
 * - team: a leader and its members, as defined in code
 * - leader: the agent that owns the person's message: delegates, asks, completes
 * - member: an agent that does one delegated task at a time; it may lead a team of its own
 * - agent: what leader and member have in common: name, instructions, model, tools
 * - session: one conversation; holds runs in order
 * - run: one message's life, from its start to an end; survives pauses and restarts
 * - transcript: the messages of one agent in one run, as its model sees them
 * - summary: what stands for the older part of a transcript where the whole does not fit
 * - message: one entry of a transcript
 * - reply: what the model says in one call
 * - tool call: a request in a reply to use a tool; unanswered until it has a result
 * - intent: what a tool call turned out to mean: a delegation, a question, a tool, a refusal
 * - open call: a tool call without a result, as a chart sees it
 * - delegation: a tool call by which a leader gives a member a task
 * - report: the member's last reply; the result of the delegation
 * - tool: a function with a schema
 * - result: what answers a tool call; each call has exactly one, and it never changes
 * - pause: a run that only the person can move; its status is `input_required`
 * - question: what the person is asked; belongs to one tool call; has fields and a reason
 * - field: one thing to fill in
 * - answer: the person's values for one question
 * - effect: something a chart asks of the outside world: `callModel`, `runTool`, `askUser`
 * - step: one event applied to a run's actor tree, committed with all that it asked for
 * - notice: what hooks and webhooks are told: a question opened, a reminder of it, a run settled
 * - target: a hook or a webhook; what brings a notice to it is a delivery
 * - snapshot: the saved state of a run's whole actor tree
 * - status: what the caller is told of a run
 */

/** Whom a tool call without a result waits for. */
export type WaitsFor = 'member' | 'tool' | 'user';

/** A tool call without a result, as its agent's chart sees it. */
export interface OpenCall {
  readonly id: string;
  readonly waitsFor: WaitsFor;
}

/**
 * What a tool call turned out to mean. A refusal is a call that cannot be carried out; a held tool
 * waits for the person before it runs.
 */
export type Intent = 'refusal' | 'delegation' | 'question' | 'tool' | 'heldTool';

/** One member's part in a delegation. */
export interface Assignment {
  /** Unique in the delegation: the member's name, or the task's id. */
  readonly id: string;
  readonly member: string;
  /** The assignments that must be reported before this one begins. */
  readonly after: readonly string[];
}

/** A tool call of a reply, reduced to what decides transitions. */
export interface PlannedCall {
  /** Unique among the calls of one agent. */
  readonly id: string;
  readonly intent: Intent;
  /** Who does what; present exactly when the intent is a delegation. */
  readonly plan?: readonly Assignment[];
}

/** Where a result comes from. Only `tool` ran somebody's code. */
export type ResultSource = 'tool' | 'member' | 'user' | 'expiry' | 'refusal' | 'cancellation';

/** How a member's part in a delegation ended. */
export type ReportOutcome = 'reported' | 'failed' | 'cancelled' | 'skipped';

/** Why a question is asked. */
export type QuestionReason =
  | 'input_required'
  | 'approval'
  | 'external_execution'
  | 'outcome_unknown';

/** What the caller is told of a run. */
export type RunStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/**
 * The types of a field: the flat subset that MCP elicitation and a web form share. An `object` is
 * the one exception, for changed arguments and for what another system returns.
 */
export type FieldType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'choice'
  | 'choices'
  | 'object';

/** One thing that a person fills in. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** The question in words, shown beside the control. */
  readonly label: string;
  readonly required: boolean;
  /** What may be chosen; present exactly for `choice` and `choices`. */
  readonly choices?: readonly string[];
  /** What a choice means, by choice. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** Limits of a text's length, or of a number. */
  readonly min?: number;
  readonly max?: number;
  /** A JSON Schema; present exactly for `object`. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

/** The value of one field. A date is `YYYY-MM-DD`; any JSON may be the value of an `object`. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [key: string]: FieldValue };

/** The person's values for one question, by field name. */
export type Answer = Readonly<Record<string, FieldValue>>;

/**
 * The place of an agent or a tool call in a run. The leader's path is empty; a call's path is its
 * agent's, "/", and the call's id; a member's path is its delegation's, ":", and the assignment's
 * id: `c1:WorkerAgent/q1`.
 */
export type Path = string;

/** The path of a call of an agent. */
export function pathOf(agent: Path, callId: string): Path {
  return agent === '' ? callId : `${agent}/${callId}`;
}

/** The path of the member that works on an assignment of a delegation. */
export function memberPathOf(call: Path, assignment: string): Path {
  return `${call}:${assignment}`;
}

/** The id of the assignment that a member works on; empty for the leader. */
export function assignmentOf(agent: Path): string {
  return agent.slice(agent.lastIndexOf(':') + 1);
}
