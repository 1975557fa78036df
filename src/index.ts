/** The public names of Cadenza. */

export type { Answer, Field, FieldType, FieldValue, RunStatus } from '../machines/vocabulary.ts';
export type { ActorKind } from './actors.ts';
export { chartOf, chartText, machineJson } from './charts/charts.ts';
export type { Box, ChartDrawing, ChartEdge, ChartNode } from './charts/drawing.ts';
export type { CurrentName, Difference, Migrate, SavedName } from './compatibility.ts';
export {
  type Agent,
  type AgentOptions,
  defineAgent,
  defineTeam,
  type Guard,
  type History,
  type Team,
  type TeamMode,
  type TeamOptions,
} from './define/agent.ts';
export { type Asked, ask } from './define/ask.ts';
export { askUserChoice } from './define/ask-user-choice.ts';
export type { ContextPolicy } from './define/context.ts';
export type { QuestionTimes } from './define/deadline.ts';
export { getUserInput } from './define/get-user-input.ts';
export type { AgentLimits, RunLimits } from './define/limits.ts';
export type { Session } from './define/session.ts';
export {
  defineTool,
  type FunctionTool,
  type QuestionTool,
  type Tool,
  type ToolContext,
  type ToolOptions,
} from './define/tool.ts';
export { type Diagnosis, diagnose } from './diagnose.ts';
export type { RetryOptions } from './effects/attempts.ts';
export type { ReportError } from './effects/perform.ts';
export {
  DefinitionError,
  DeliveryError,
  type FieldError,
  InvariantError,
  RequestError,
  type RequestErrorCode,
  RunError,
  ToolFailed,
} from './errors.ts';
export type { ExplainedActor, Explanation, LegalEvent } from './explain/explanation.ts';
export type { Identity } from './identity.ts';
export type { LogEvent, LoggedCall, LoggedQuestion } from './log-events.ts';
export type { Answered } from './models/answered.ts';
export type { BreakerOptions } from './models/breaker.ts';
export type { Capabilities, Provider } from './models/capabilities.ts';
export type {
  AnsweredCall,
  Delta,
  Model,
  ModelFault,
  ModelRequest,
  ModelUse,
  Reply,
  ReplyOptions,
  RequestedCall,
  TokenUsage,
  ToolSpec,
  TranscriptMessage,
  UnavailableModel,
  Verbatim,
} from './models/model.ts';
export { openai } from './models/openai.ts';
export type { OpenAIOptions } from './models/options.ts';
export type { Price } from './models/usage.ts';
export type { Hooks, Notice, QuestionNotice, SettledNotice } from './notices.ts';
export type { RepeatableRequest, Response } from './once.ts';
export type { Answers, AnswersById } from './questions/answers.ts';
export type { Deadline, Question, QuestionDraft } from './questions/question.ts';
export type { FieldAnswer } from './questions/short-form.ts';
export type { Actor, Revision, RevisionFilter, Transition } from './revisions.ts';
export type { OpenQuestion, Run, Stalled } from './run.ts';
export { createRuntime } from './runtime.ts';
export type {
  AnswerTokenOptions,
  By,
  EventsOptions,
  PruneOptions,
  ResumeOptions,
  RuntimeOptions,
  StartOptions,
} from './runtime-options.ts';
export type { Runtime, TenantRuntime } from './runtime-types.ts';
export type { NoticeType } from './stores/deliveries.ts';
export type { Failure } from './stores/events.ts';
export type { AgentMessages, KnownCall, NumberedMessage, RunFilter } from './stores/lists.ts';
export type {
  AskedEffect,
  JoinedMessage,
  QuestionFilter,
  RememberedApproval,
} from './stores/rows.ts';
export { sqliteStore } from './stores/sqlite.ts';
export { type Backup, type BackupOptions, sqliteBackup } from './stores/sqlite-backup.ts';
export { type StoreReader, sqliteReader } from './stores/sqlite-reader.ts';
export type { Store } from './stores/store.ts';
export type { Figures, ModelFigures } from './telemetry/counts.ts';
export { prune } from './upkeep.ts';
export type { AgentUsage, RunUsage } from './usage.ts';
export type { Webhook } from './webhooks.ts';

// What a server needs beside a runtime to speak as that of `cadenza/server` does:

export { described } from './described.ts';
export { idempotencyKeyForm, messageIdMax, sessionIdForm } from './ids.ts';
export { answerJsonSchema, pointerTo } from './questions/fields.ts';
export { fieldErrorsOf, misfitSentence } from './questions/misfits.ts';
export { shortened } from './text.ts';
