/** The public names of Cadenza. */
export type { Answer, Field, FieldType, FieldValue, RunStatus } from '../machines/vocabulary.ts';
export type { Answers, AnswersById, FieldAnswer } from './answers.ts';
export {
  type Agent,
  type AgentOptions,
  defineAgent,
  defineTeam,
  type Team,
  type TeamOptions,
} from './define/agent.ts';
export { getUserInput } from './define/get-user-input.ts';
export {
  defineTool,
  type FunctionTool,
  type QuestionTool,
  type Tool,
  type ToolContext,
  type ToolOptions,
} from './define/tool.ts';
export {
  DefinitionError,
  type FieldError,
  InvariantError,
  RequestError,
  type RequestErrorCode,
  RunError,
  ToolFailed,
} from './errors.ts';
export type {
  AnsweredCall,
  Model,
  ModelRequest,
  Reply,
  RequestedCall,
  ToolSpec,
  TranscriptMessage,
} from './models/model.ts';
export { type OpenAIOptions, openai } from './models/openai.ts';
export { answerJsonSchema, type Question } from './questions.ts';
export type { Run } from './run.ts';
export { createRuntime, type Runtime, type RuntimeOptions, type StartOptions } from './runtime.ts';
export { sqliteStore } from './stores/sqlite.ts';
export type { Store } from './stores/store.ts';
