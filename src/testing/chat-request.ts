/**
 * The shape of a Chat Completions request, as far as the API checks it field by field: kinds of
 * values, lengths, name patterns. What the fields mean together is judged in `judge-request.ts`.
 *
 * The limits are the API's: 64 characters for a name, 40 for a call id, 1,048,576 for a text, and
 * 128 tools or tool calls.
 */

import { z } from 'zod';
import { list, name, parameters, toolChoice } from './field-shapes.ts';

const text = z.string().max(1_048_576);
const callId = z.string().min(1).max(40);

const textPart = z.looseObject({ type: z.literal('text'), text });
const assistantPart = z.discriminatedUnion('type', [
  textPart,
  z.looseObject({ type: z.literal('refusal'), refusal: text }),
]);
const userPart = z.discriminatedUnion('type', [
  textPart,
  z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string() }) }),
  z.looseObject({ type: z.literal('input_audio'), input_audio: z.looseObject({}) }),
  z.looseObject({ type: z.literal('file'), file: z.looseObject({}) }),
]);

const toolCall = z.discriminatedUnion('type', [
  z.looseObject({
    id: callId,
    type: z.literal('function'),
    function: z.looseObject({ name, arguments: text }),
  }),
  z.looseObject({
    id: callId,
    type: z.literal('custom'),
    custom: z.looseObject({ name, input: text }),
  }),
]);

// `content` may be null or absent here because the API refuses that later, in other words.
const texts = z.union([text, list(textPart)]).nullish();

const message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: texts, name: name.optional() }),
  z.looseObject({
    role: z.literal('assistant'),
    content: z.union([text, list(assistantPart)]).nullish(),
    name: name.optional(),
    refusal: text.nullish(),
    tool_calls: list(toolCall, 128).optional(),
  }),
  z.looseObject({
    role: z.literal('user'),
    content: z.union([text, list(userPart)]).nullish(),
    name: name.optional(),
  }),
  z.looseObject({ role: z.literal('function'), content: text.nullish(), name }),
  z.looseObject({ role: z.literal('tool'), content: texts, tool_call_id: callId.nullish() }),
  z.looseObject({ role: z.literal('developer'), content: texts, name: name.optional() }),
]);

const tool = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('function'),
    function: z.looseObject({
      name,
      description: z.string().nullish(),
      parameters: parameters.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
  z.looseObject({ type: z.literal('custom'), custom: z.looseObject({ name }) }),
]);

export const chatRequest = z.looseObject({
  model: z.string(),
  messages: list(message),
  tools: list(tool, 128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning_effort: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

/** Every parameter that the API knows; any other one is refused. */
export const CHAT_PARAMETERS: ReadonlySet<string> = new Set([
  ...Object.keys(chatRequest.shape),
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'metadata',
  'modalities',
  'moderation',
  'n',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'temperature',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'web_search_options',
]);

/** A request body that has the API's shape. */
export type ChatRequest = z.infer<typeof chatRequest>;

/** One message of a request, in the API's own form. */
export type ModelMessage = ChatRequest['messages'][number];

/** One tool that a request offers, in the API's own form. */
export type ModelTool = NonNullable<ChatRequest['tools']>[number];

/** The text of a message, whether it was sent as a string or as parts; `''` where there is none. */
export function textOf({ content }: ModelMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
