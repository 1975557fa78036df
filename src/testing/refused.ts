/**
 * What the model server says when it does not answer with a completion: OpenAI's error form and
 * OpenAI's own sentences, all of them in this file.
 *
 * The sentences were reported by users of the real API; "preceeding" is spelt as the API spells it.
 */

/** The body of every error answer. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

interface RefusedOptions {
  readonly status?: number;
  /** Default: `server_error` from status 500 on, otherwise `invalid_request_error`. */
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** A request that gets an error answer: thrown wherever that is found out, written in one place. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly body: ErrorBody;

  constructor(message: string, options: RefusedOptions = {}) {
    super(message);
    const { status = 400, param = null, code = null } = options;
    this.name = 'Refused';
    this.status = status;
    this.code = code;
    const type = options.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    this.body = { error: { message, type, param, code } };
  }
}

// The conversation: every tool call has exactly one result, right after it.

export const unansweredCalls = (ids: readonly string[], nextMessage: number | undefined) =>
  new Refused(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
      `'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
    { param: nextMessage === undefined ? 'messages' : `messages.[${nextMessage}].role` },
  );

export const orphanResult = (index: number) =>
  new Refused(
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    { param: `messages.[${index}].role` },
  );

export const missingCallId = (index: number) =>
  new Refused(
    "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
    { param: `messages.[${index}].tool_call_id` },
  );

export const unknownCallId = (id: string, index: number) =>
  new Refused(
    `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`,
    { param: `messages.[${index}].tool_call_id` },
  );

export const duplicateResult = (id: string, first: number, second: number) =>
  new Refused(
    `Invalid parameter: Duplicate value for 'tool_call_id' of '${id}', in messages[${first}] and messages[${second}].`,
    { param: `messages.[${second}].tool_call_id` },
  );

/** The API's own wording for this one is not known; no tool message could answer both calls. */
export const duplicateCall = (id: string, index: number) =>
  new Refused(`Invalid parameter: Duplicate value for 'id' of '${id}', in messages[${index}].`, {
    param: `messages.[${index}].tool_calls`,
  });

export const nullContent = (index: number) =>
  new Refused("Invalid value for 'content': expected a string, got null.", {
    param: `messages.[${index}].content`,
  });

// The rest of the body.

export const onlyWithTools = (param: 'tool_choice' | 'parallel_tool_calls') =>
  new Refused(
    `Invalid value for '${param}': '${param}' is only allowed when 'tools' are specified.`,
    { param },
  );

export const missingModel = () => new Refused('you must provide a model parameter');

export const onlyWithStream = () =>
  new Refused("The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
    param: 'stream_options',
  });

/** Source of the words: issues of clients that sent a parameter of another API. */
export const unrecognized = (parameter: string) =>
  new Refused(`Unrecognized request argument supplied: ${parameter}`);

/** What reasoning models say to tools on Chat Completions. */
export const toolsWithReasoning = (model: string) =>
  new Refused(
    `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. ` +
      "To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
    { param: 'reasoning_effort' },
  );

/** What DeepSeek says where a reply comes back without what the model thought. */
export const lostReasoning = () =>
  new Refused('The `reasoning_content` in the thinking mode must be passed back to the API.', {
    code: 'invalid_request_error',
  });

export const unparsableBody = () =>
  new Refused(
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using " +
      'your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was ' +
      'not valid JSON. If you have trouble figuring out how to fix this, please contact us through ' +
      'our help center at help.openai.com.)',
  );

export const loneSurrogate = (missing: 'low' | 'high', at: SourcePosition) =>
  new Refused(
    `The request body is not valid JSON: no ${missing} surrogate in string: ` +
      `line ${at.line} column ${at.column} (char ${at.char})`,
  );

/** A place in the text of a body: line and column count from 1, characters from 0. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly char: number;
}

// Everything before the body.

export const missingKey = () =>
  new Refused(
    "You didn't provide an API key. You need to provide your API key in an Authorization header " +
      "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username " +
      'and password. You can obtain an API key from https://platform.openai.com/account/api-keys.',
    { status: 401 },
  );

export const unknownRoute = (method: string, path: string) =>
  new Refused(`Invalid URL (${method} ${path})`, { status: 404 });

export const wrongMethod = (method: string, path: string, allowed: string) =>
  new Refused(`Not allowed to ${method} on ${path}. Only ${allowed} requests are accepted.`, {
    status: 405,
    code: 'method_not_supported',
  });

export const bodyTooLarge = (bytesMax: number) =>
  new Refused(`The request body is larger than ${bytesMax} bytes.`, {
    status: 413,
    code: 'request_too_large',
  });
