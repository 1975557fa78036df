/**
 * What the model says in one reply, as a test or a script writes it down.
 */

import type { ChatRequest, ModelMessage, ModelTool } from './chat-request.ts';

/** A request that the model server accepted. */
export interface ModelRequest {
  /** Who is calling: NAME, where the first message begins with `You are "NAME".` */
  readonly agent: string | undefined;
  /** How many assistant messages follow the last user message: 0 asks for the first turn. */
  readonly turn: number;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly body: ChatRequest;
}

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
  /** Default: `tool_calls` where there are calls, otherwise `stop`. */
  readonly finishReason?: string;
  readonly refusal?: string;
  readonly status?: number;
  /** Sent as it is: a string as text, anything else as JSON. */
  readonly body?: unknown;
  /** How long the server waits before it answers. */
  readonly delayMs?: number;
  readonly usage?: { readonly promptTokens?: number; readonly completionTokens?: number };
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
