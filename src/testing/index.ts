/**
 * What users get to test their own teams: a strict stand-in for OpenAI's API, the replies that it
 * gives, everything that can go wrong with them, and what was sent.
 */

export type { ModelMessage, ModelTool } from './chat-request.ts';
export { type Fault, type FaultParts, type Faults, QUIRKS } from './fault.ts';
export {
  type ModelServer,
  type ModelServerOptions,
  type Refusal,
  startModelServer,
} from './model-server.ts';
export { assertNoRefusals, linesOf } from './sent.ts';
export {
  call,
  type ModelRequest,
  type ToolCallTurn,
  type Turn,
  type TurnParts,
  type Wire,
} from './turn.ts';
