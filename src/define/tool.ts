/** Defines what an agent can use: your own functions, work done elsewhere, and questions. */
import type * as z from 'zod';
import type { Answer, Field } from '../../machines/vocabulary.ts';
import { DefinitionError } from '../errors.ts';
import {
  decisionFields,
  externalQuestion,
  heldToolQuestion,
  timesOf,
} from '../questions/drafts.ts';
import type { Deadline, QuestionDraft } from '../questions/question.ts';
import { checkTime, checkTimes } from './deadline.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { checkName } from './names.ts';
import type { Session } from './session.ts';
import { fieldsOf } from './user-fields.ts';

/** What a tool gets besides its input. */
export interface ToolContext<User = unknown> {
  /** Aborted when the tool's time is over, or the runtime closes. */
  readonly signal: AbortSignal;
  /**
   * Stays the same when a crash makes this call run again, also in another process. Give it to the
   * system that you call, and a repeated payment is recognised there. A tool that asked is entered
   * with another key for each answer.
   */
  readonly idempotencyKey: string;
  readonly runId: string;
  /** Whose run it is; `default` where nobody says. */
  readonly tenantId: string;
  readonly sessionId: string;
  readonly toolCallId: string;
  /** The calling agent's name, with the names above it: `OrchestratorTeam/WorkerAgent`. */
  readonly askedBy: string;
  /** What the person filled in for `askUser`. */
  readonly user: User;
  /** The answers to what the tool's body asked so far, oldest first. */
  readonly answers: readonly Answer[];
  /** The session's state. What you set is saved together with the tool's result. */
  readonly session: Session;
  /** What `start` was given; the same after a pause. */
  readonly userId: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The dependencies that `start` named, from the runtime's own. */
  readonly dependencies: Readonly<Record<string, unknown>>;
}

interface ToolBase {
  readonly name: string;
  readonly description: string;
  /** The schema of the arguments, a zod object. */
  readonly input: z.ZodType;
}

/** A function that the model may call; without `execute`, one that another system carries out. */
export interface FunctionTool extends ToolBase {
  readonly kind: 'function';
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  readonly approval: 'always' | 'never' | ((input: unknown) => boolean);
  readonly editable: boolean;
  readonly remember: boolean;
  readonly askUser: z.ZodObject | undefined;
  readonly userFields: readonly Field[];
  readonly output: z.ZodType | undefined;
  readonly deadline: Deadline | undefined;
  readonly remindAfterMs: number | undefined;
  readonly execute: ((input: unknown, context: ToolContext) => unknown) | undefined;
}

/** A tool whose call is a question: the person's values are its result. */
export interface QuestionTool extends ToolBase {
  readonly kind: 'question';
  /** What to ask, from arguments that fit `input`. */
  readonly question: (input: unknown) => QuestionDraft;
}

export type Tool = FunctionTool | QuestionTool;

export interface ToolOptions<Input extends z.ZodType, User extends z.ZodObject> {
  /** Letters, digits, "_" and "-", at most 64. */
  readonly name: string;
  /** When the model should use it, and what it does. */
  readonly description: string;
  /** What the model fills in. */
  readonly input: Input;
  /** What the person fills in before the tool runs. The model never sees it. */
  readonly askUser?: User;
  /** Whether a person must allow each call; decided once, when it is made. Default `never`. */
  readonly approval?: 'always' | 'never' | ((input: z.output<Input>) => boolean);
  /** True lets the person approve with other arguments that fit `input`. Default false. */
  readonly editable?: boolean;
  /** True lets the person allow the tool for the rest of the session. Default false. */
  readonly remember?: boolean;
  /** What the tool returns; checked where another system carries it out. */
  readonly output?: z.ZodType;
  /**
   * True if running it twice with one `idempotencyKey` does no harm. After a crash such a tool is
   * run again; for any other the person is asked. Default false.
   */
  readonly idempotent?: boolean;
  /** After this time the call is answered without the tool. Default 60,000. */
  readonly timeoutMs?: number;
  /**
   * How long its questions stay open, and what happens then. A default answer that does not fit a
   * question counts as none: the question is declined. Default: for ever.
   */
  readonly deadline?: Deadline;
  /** When to remind of its question, through the `onQuestion` hook and webhooks. */
  readonly remindAfterMs?: number;
  /**
   * Returns the result: text, anything that JSON can write, or `ask(...)`. Without it another system
   * carries the call out, and answers with what it returned.
   */
  execute?(input: z.output<Input>, context: ToolContext<z.output<User>>): unknown;
}

/**
 * Defines a tool.
 *
 * @throws DefinitionError if a model could not be told of it, or a person could not fill it in
 * @example
 * const bookTable = defineTool({
 *   name: 'book_table', description: 'Books a table.',
 *   input: z.object({ guests: z.int().min(1) }), approval: ({ guests }) => guests > 8,
 *   execute: ({ guests }, { idempotencyKey }) => restaurant.book(guests, idempotencyKey),
 * });
 */
export function defineTool<
  Input extends z.ZodType,
  User extends z.ZodObject = z.ZodObject<Record<never, never>>,
>(options: ToolOptions<Input, User>): FunctionTool {
  const { name, description, input, askUser, output, deadline, remindAfterMs, execute } = options;
  const { idempotent = false, timeoutMs = 60_000, editable = false, remember = false } = options;
  const approval = (options.approval ?? 'never') as FunctionTool['approval'];
  checkName('Tool', name);
  parametersOf({ name, input });
  checkTime(`Tool "${name}"`, 'timeoutMs', timeoutMs);
  const userFields = askUser ? fieldsOf(`Tool "${name}"`, askUser) : [];
  if (!execute && (approval !== 'never' || askUser)) {
    throw new DefinitionError(
      'tool_unusable',
      `Tool "${name}" has no execute, so another system carries it out: let that system ask for approval or values.`,
    );
  }
  const tool: FunctionTool = Object.freeze({
    kind: 'function',
    name,
    description,
    input,
    askUser,
    userFields: Object.freeze(userFields),
    approval,
    editable,
    remember,
    output,
    idempotent,
    timeoutMs,
    deadline,
    remindAfterMs,
    execute: execute as FunctionTool['execute'],
  });
  checkUserFields(tool);
  checkTimes(`Tool "${name}"`, timesOf(tool), firstQuestion(tool));
  return tool;
}

function checkUserFields({ name, userFields, approval }: FunctionTool): void {
  const taken = userFields.find((field) => decisionFields.includes(field.name));
  if (!taken || approval === 'never') return;
  throw new DefinitionError(
    'name_taken',
    `Tool "${name}" asks the person for "${taken.name}", a name that approvals use. Use another.`,
  );
}

/** The question that a call of the tool asks before it runs; undefined if it asks none. */
function firstQuestion(tool: FunctionTool): QuestionDraft | undefined {
  if (!tool.execute) {
    if (tool.output) checkSchema(tool.name, 'output', tool.output);
    return externalQuestion(tool);
  }
  if (tool.approval !== 'never') return heldToolQuestion(tool, true);
  return tool.askUser ? heldToolQuestion(tool, false) : undefined;
}

/**
 * The JSON Schema of a tool's arguments.
 *
 * @throws DefinitionError if the schema is not an object, or JSON Schema cannot say it
 */
export function parametersOf(tool: {
  readonly name: string;
  readonly input: z.ZodType;
}): Record<string, unknown> {
  const schema = checkSchema(tool.name, 'input', tool.input);
  if (schema['type'] !== 'object') {
    throw new DefinitionError(
      'schema_unusable',
      `The input of tool "${tool.name}" must be a z.object(...): models send arguments by name.`,
    );
  }
  // A record has none, and OpenAI refuses an object that does not say so.
  return { ...schema, properties: schema['properties'] ?? {} };
}

function checkSchema(tool: string, what: 'input' | 'output', type: z.ZodType) {
  try {
    return jsonSchemaOf(type);
  } catch (cause) {
    throw new DefinitionError(
      'schema_unusable',
      `The ${what} of tool "${tool}" cannot be written as JSON Schema, so nobody can be told of it.`,
      {},
      cause,
    );
  }
}
