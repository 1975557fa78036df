/**
 * What the model says in one reply, as a test or a script writes it down.
 */

import type { ChatRequest, ModelMessage, ModelTool } from './chat-request.ts';
import type { Faults } from './fault.ts';
import type { ResponsesRequest } from './responses-request.ts';

/** Which of OpenAI's two APIs a request speaks: Chat Completions or Responses. */
export type Wire = 'chat' | 'responses';

interface RequestOn<SpokenWire extends Wire, Body> {
  readonly wire: SpokenWire;
  /**
   * Who is calling: NAME, where the instructions, or the first system or developer message, begin
   * with `You are "NAME".`
   */
  readonly agent: string | undefined;
  /** How many assistant messages follow the last user message: 0 asks for the first turn. */
  readonly turn: number;
  /**
   * The conversation as Chat Completions would carry it, on both wires: instructions are a system
   * message, the calls of one reply stand in one assistant message, each output is a tool message,
   * and reasoning is left out. What was sent, word for word, is in `body`.
   */
  readonly messages: readonly ModelMessage[];
  /** The tools offered, in the form of Chat Completions. */
  readonly tools: readonly ModelTool[];
  /** The body as it was sent. */
  readonly body: Body;
}

/** A request that the model server accepted. */
export type ModelRequest =
  | RequestOn<'chat', ChatRequest>
  | RequestOn<'responses', ResponsesRequest>;

/** One tool call of a reply. Without an id the server makes one, as OpenAI does. */
export interface ToolCallTurn {
  readonly name: string;
  readonly arguments: string;
  readonly id?: string;
}

/** A reply in all its parts, or a raw HTTP answer where `status` or `body` is given. */
export interface TurnParts {
  readonly text?: string;
  readonly calls?: readonly ToolCallTurn[];
  /**
   * Default: `tool_calls` where there are calls, otherwise `stop`. On Responses, `length` and
   * `content_filter` make the response incomplete.
   */
  readonly finishReason?: string;
  readonly refusal?: string;
  /**
   * What the model thought first. On Responses it comes as a reasoning item, sealed where the
   * request includes `reasoning.encrypted_content`, and later requests must carry it before what
   * followed it. On Chat Completions it only costs tokens, unless the server
   * `wantsReasoningContent`.
   */
  readonly reasoning?: string;
  /** What goes wrong with this reply. */
  readonly fault?: Faults;
  readonly status?: number;
  /** Sent beside a raw answer's own headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is: a string as text, anything else as JSON. */
  readonly body?: unknown;
  /** How long the server waits before it answers. */
  readonly delayMs?: number;
  /** What the provider counts. `cachedTokens` are part of the prompt, `reasoningTokens` of the completion. */
  readonly usage?: {
    readonly promptTokens?: number;
    readonly cachedTokens?: number;
    readonly completionTokens?: number;
    readonly reasoningTokens?: number;
  };
}

/** One turn of a script: a text, tool calls, a reply in parts, or a function of the request. */
export type Turn =
  | string
  | readonly ToolCallTurn[]
  | TurnParts
  | ((request: ModelRequest) => Turn | Promise<Turn>);

/**
 * Makes one tool call of a turn. Arguments given as a string are sent raw, so that they may be
 * broken JSON.
 *
 * @example
 * const agents = {
 *   OrchestratorTeam: [
 *     [call('delegate_task_to_member', { member_id: 'WorkerAgent', task: 'Coffee' })],
 *     'Black, twice a day.',
 *   ],
 * };
 */
export function call(name: string, args: unknown, id?: string): ToolCallTurn {
  const text = typeof args === 'string' ? args : JSON.stringify(args ?? {});
  return { name, arguments: text, ...(id === undefined ? {} : { id }) };
}
