/**
 * Every error that Cadenza throws: one class per way of handling it, one code per cause.
 *
 * A message is a full sentence: the fact, what still holds, what to do. It never carries model
 * output or a secret.
 */

/** One value of a request that does not fit, with an RFC 6901 JSON pointer to it. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

export type DefinitionErrorCode =
  | 'name_unusable'
  | 'name_taken'
  | 'description_missing'
  | 'schema_unusable'
  | 'limit_unusable'
  | 'price_unusable'
  | 'field_unsupported'
  | 'tool_unusable'
  | 'webhook_unusable'
  | 'auth_unusable'
  | 'teams_missing';

export type RequestErrorCode =
  | 'body_invalid'
  | 'message_invalid'
  | 'team_unknown'
  | 'run_not_found'
  | 'event_unknown'
  | 'run_paused'
  | 'run_busy'
  | 'too_many_runs'
  | 'too_many_tenant_runs'
  | 'input_refused'
  | 'dependency_unknown'
  | 'dependency_missing'
  | 'question_not_found'
  | 'question_not_open'
  | 'question_expired'
  | 'question_claimed'
  | 'token_invalid'
  | 'identity_invalid'
  | 'idempotency_key_invalid'
  | 'idempotency_key_reused'
  | 'request_in_progress'
  | 'not_allowed'
  | 'definition_changed'
  | 'answer_invalid'
  | 'answer_ambiguous'
  | 'answer_conflict'
  | 'run_finished'
  | 'snapshot_unreadable'
  | 'store_in_use'
  | 'store_busy'
  | 'store_unusable'
  | 'runtime_closed';

export type RunErrorCode =
  | 'model_unavailable'
  | 'context_too_long'
  | 'model_request_refused'
  | 'model_reply_unusable'
  | 'model_refused'
  | 'unsendable_transcript'
  | 'output_invalid'
  | 'output_refused'
  | 'limit_reached'
  | 'question_expired'
  | 'internal_error';

abstract class CadenzaError<Code extends string> extends Error {
  readonly code: Code;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: Code,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
    this.name = new.target.name;
  }
}

/** The author's mistake, thrown while a team is defined. Nothing runs. */
export class DefinitionError extends CadenzaError<DefinitionErrorCode> {}

/** The caller's mistake, or the wrong moment. The request is refused and nothing is written. */
export class RequestError extends CadenzaError<RequestErrorCode> {
  /** The values that do not fit; empty unless the code is about values. */
  readonly errors: readonly FieldError[];

  constructor(code: RequestErrorCode, message: string, errors: readonly FieldError[] = []) {
    super(code, message, errors.length > 0 ? { errors } : {});
    this.errors = errors;
  }
}

/**
 * The world's fault, or a limit, during a run. The run ends `failed` with this reason in it, or is
 * `stalled` with it while another try may help.
 */
export class RunError extends CadenzaError<RunErrorCode> {}

/**
 * A hook, a webhook or the reader of a stream that could not be told of something. Reported, never
 * thrown.
 */
export class DeliveryError extends CadenzaError<'delivery_failed' | 'reader_stalled'> {}

/** A bug in Cadenza. */
export class InvariantError extends CadenzaError<'invariant_broken'> {
  constructor(message: string, cause?: unknown) {
    super('invariant_broken', `${message} This is a bug in Cadenza.`, {}, cause);
  }
}

/**
 * Thrown by a tool to tell the model something: the sentence becomes the result of the call. Any
 * other error of a tool reaches the model as "The tool failed." only.
 */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
}
