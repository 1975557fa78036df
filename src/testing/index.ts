/**
 * What users get to test their own teams: a strict stand-in for OpenAI's API and the replies that
 * it gives.
 */

export type { ModelMessage, ModelTool } from './chat-request.ts';
export {
  type ModelServer,
  type ModelServerOptions,
  type Refusal,
  startModelServer,
} from './model-server.ts';
export { call, type ModelRequest, type ToolCallTurn, type Turn, type TurnParts } from './turn.ts';
