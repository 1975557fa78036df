/** Defines what an agent can use: your own functions, and questions to the person. */
import * as z from 'zod';
import { DefinitionError } from '../errors.ts';
import type { QuestionDraft } from '../questions.ts';
import { checkName } from './names.ts';

/** What a tool gets besides its input. */
export interface ToolContext {
  /** Aborted when the tool's time is over, or the runtime closes. */
  readonly signal: AbortSignal;
  /**
   * Stays the same however often this call is run, also after a crash and by another process. Give
   * it to the system that you call, and a repeated payment is recognised there.
   */
  readonly idempotencyKey: string;
  readonly runId: string;
  readonly sessionId: string;
  readonly toolCallId: string;
  /** The calling agent's name, with the names above it: `OrchestratorTeam/WorkerAgent`. */
  readonly askedBy: string;
}

interface ToolBase {
  readonly name: string;
  readonly description: string;
  /** The schema of the arguments, a zod object. */
  readonly input: z.ZodType;
}

/** A function that the model may call. */
export interface FunctionTool extends ToolBase {
  readonly kind: 'function';
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  readonly execute: (input: unknown, context: ToolContext) => unknown;
}

/** A tool whose call is a question: the person's values are its result. */
export interface QuestionTool extends ToolBase {
  readonly kind: 'question';
  /** What to ask, from arguments that fit `input`; throws a sentence for the model if it cannot. */
  readonly question: (input: unknown) => QuestionDraft;
}

export type Tool = FunctionTool | QuestionTool;

export interface ToolOptions<Input extends z.ZodType> {
  /** Letters, digits, "_" and "-", at most 64. */
  readonly name: string;
  /** When the model should use it, and what it does. */
  readonly description: string;
  readonly input: Input;
  /**
   * True if running it twice with one `idempotencyKey` does no harm. After a crash such a tool is
   * run again; for any other the person is asked. Default false.
   */
  readonly idempotent?: boolean;
  /** After this time the call is answered without the tool. Default 60,000. */
  readonly timeoutMs?: number;
  /** Returns the result: text, or anything that JSON can write. */
  execute(input: z.output<Input>, context: ToolContext): unknown;
}

/** The longest time a tool may be given: setTimeout cannot wait longer. */
const longestMs = 2_147_483_647;

/**
 * Defines a tool.
 *
 * @throws DefinitionError if a model could not be told of it
 * @example
 * const bookTable = defineTool({
 *   name: 'book_table', description: 'Books a table.',
 *   input: z.object({ guests: z.int().min(1) }),
 *   execute: ({ guests }, { idempotencyKey }) => restaurant.book(guests, idempotencyKey),
 * });
 */
export function defineTool<Input extends z.ZodType>(options: ToolOptions<Input>): FunctionTool {
  const { name, description, input, idempotent = false, timeoutMs = 60_000 } = options;
  checkName('Tool', name);
  parametersOf({ name, input });
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > longestMs) {
    throw new DefinitionError(
      'limit_unusable',
      `Tool "${name}" has timeoutMs ${timeoutMs}. Use whole milliseconds from 1 to ${longestMs}.`,
    );
  }
  const execute = options.execute as FunctionTool['execute'];
  return Object.freeze({
    kind: 'function',
    name,
    description,
    input,
    idempotent,
    timeoutMs,
    execute,
  });
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
  let schema: Record<string, unknown>;
  try {
    const { $schema: _, ...rest } = z.toJSONSchema(tool.input, { io: 'input' });
    schema = rest;
  } catch (cause) {
    throw new DefinitionError(
      'schema_unusable',
      `The input of tool "${tool.name}" cannot be written as JSON Schema, so no model can be told of it.`,
      {},
      cause,
    );
  }
  if (schema['type'] !== 'object') {
    throw new DefinitionError(
      'schema_unusable',
      `The input of tool "${tool.name}" must be a z.object(...): models send arguments by name.`,
    );
  }
  return schema;
}
