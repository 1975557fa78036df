/** The driver of OpenAI's Chat Completions, which many other servers speak too. */
import OpenAI from 'openai';
import * as z from 'zod';
import { boundary } from '../boundary.ts';
import { RunError } from '../errors.ts';
import type { AnsweredCall, Model, ModelRequest, Reply, TranscriptMessage } from './model.ts';
import { assertSendable } from './sendable.ts';

export interface OpenAIOptions {
  /** Default: the environment's OPENAI_API_KEY, read at the first call. */
  readonly apiKey?: string;
  /** Default: the environment's OPENAI_BASE_URL, else OpenAI itself. */
  readonly baseURL?: string;
  /** How long one call may take as a whole. Default 120,000. */
  readonly timeoutMs?: number;
}

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;

/**
 * A model that is reached by OpenAI's Chat Completions.
 *
 * @example
 * const model = openai('gpt-4o-mini');
 */
export function openai(name: string, options: OpenAIOptions = {}): Model {
  const { timeoutMs = 120_000 } = options;
  let client: OpenAI | undefined;
  return Object.freeze({
    name,
    reply: async (request: ModelRequest, { signal }: { readonly signal: AbortSignal }) => {
      const params = paramsOf(name, request);
      assertSendable(params as Parameters<typeof assertSendable>[0]);
      client ??= connect(name, options);
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      return readCompletion(name, await send(client, params, limited));
    },
  });
}

function connect(name: string, { apiKey, baseURL }: OpenAIOptions): OpenAI {
  const url = baseURL ?? process.env['OPENAI_BASE_URL'];
  // Servers of your own often want no key, but the package does.
  const key = apiKey ?? process.env['OPENAI_API_KEY'] ?? (url ? 'none' : undefined);
  if (!key) {
    throw new RunError(
      'model_unavailable',
      `There is no key for the model "${name}". Set OPENAI_API_KEY, or give openai() an apiKey.`,
    );
  }
  // Retries are ours: the package obeys a Retry-After of any length.
  return new OpenAI({
    apiKey: key,
    maxRetries: 0,
    logLevel: 'off',
    ...(url ? { baseURL: url } : {}),
  });
}

function paramsOf(model: string, { instructions, transcript, tools }: ModelRequest): Params {
  return {
    model,
    messages: [
      { role: 'system', content: instructions.toWellFormed() },
      ...transcript.flatMap(wireMessages),
    ],
    ...(tools.length === 0
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function', function: { ...tool } })) }),
  };
}

function wireMessages(message: TranscriptMessage): Params['messages'] {
  if (message.role === 'user') return [{ role: 'user', content: message.text.toWellFormed() }];
  const text = message.text?.toWellFormed() ?? null;
  if (message.calls.length === 0) return [{ role: 'assistant', content: text ?? '' }];
  return [
    { role: 'assistant', content: text, tool_calls: message.calls.map(wireCall) },
    ...message.calls.map(({ id, result }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: result === '' ? '(no output)' : result.toWellFormed(),
    })),
  ];
}

function wireCall(call: AnsweredCall) {
  const { id, name, arguments: args } = call;
  return { id, type: 'function' as const, function: { name, arguments: args.toWellFormed() } };
}

async function send(client: OpenAI, params: Params, signal: AbortSignal): Promise<unknown> {
  try {
    boundary('model: before the request');
    const completion: unknown = await client.chat.completions.create(params, { signal });
    boundary('model: after the response');
    return completion;
  } catch (error) {
    throw unavailable(params.model, error);
  }
}

function unavailable(model: string, error: unknown): RunError {
  if (error instanceof OpenAI.APIUserAbortError) {
    return new RunError('model_unavailable', `The model "${model}" took too long.`, {}, error);
  }
  const status = error instanceof OpenAI.APIError ? error.status : undefined;
  if (status === undefined) {
    const what = `The model "${model}" could not be reached.`;
    return new RunError('model_unavailable', what, { retryable: true }, error);
  }
  const retryable = status === 408 || status === 409 || status === 429 || status >= 500;
  const code = retryable ? 'model_unavailable' : 'model_request_refused';
  const details = { status, retryable };
  return new RunError(code, `The model "${model}" answered ${status}.`, details, error);
}

const toolCall = z.object({
  id: z.string().nullish(),
  function: z.object({
    name: z.string(),
    // Some servers send the arguments as an object, though the API says text.
    arguments: z
      .union([z.string(), z.record(z.string(), z.unknown()).transform(toJson)])
      .nullish()
      .transform((text) => text ?? ''),
  }),
});

function toJson(value: unknown): string {
  return JSON.stringify(value);
}

const completion = z.object({
  choices: z.tuple(
    [
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(toolCall).nullish(),
        }),
      }),
    ],
    z.unknown(),
  ),
  usage: z
    .object({
      prompt_tokens: z.int().nonnegative().catch(0),
      completion_tokens: z.int().nonnegative().catch(0),
    })
    .nullish()
    .catch(null),
});

/** Believes a response only if it has the shape of a completion: a 200 may carry anything. */
function readCompletion(model: string, response: unknown): Reply {
  const read = completion.safeParse(response);
  if (!read.success) {
    const what = `The model "${model}" answered with something that is not a completion.`;
    throw new RunError('model_reply_unusable', what, { retryable: true }, read.error);
  }
  const [{ finish_reason: reason, message }] = read.data.choices;
  if (message.refusal || reason === 'content_filter') {
    throw new RunError('model_refused', `The model "${model}" refused to go on.`);
  }
  const calls = (message.tool_calls ?? []).map((call) => ({
    id: call.id ?? '',
    name: call.function.name,
    arguments: call.function.arguments,
  }));
  // Calls decide, not the reason: some servers say "stop" beside calls.
  const finish = reason === 'length' ? 'length' : calls.length > 0 ? 'calls' : 'stop';
  const { usage } = read.data;
  return {
    text: message.content ?? null,
    calls,
    finish,
    usage: {
      inputTokens: usage?.prompt_tokens ?? 0,
      outputTokens: usage?.completion_tokens ?? 0,
    },
  };
}
