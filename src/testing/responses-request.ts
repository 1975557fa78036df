/**
 * The shape of a Responses request, as far as the API checks it field by field. What the fields
 * mean together is judged in `judge-responses.ts`.
 *
 * The limits are the API's: 64 characters for a name, a call id and an item id, 10,485,760 for a
 * text, 128 tools, and at least 16 output tokens. A tool must say whether it is `strict`.
 */

import { z } from 'zod';
import { list, name, parameters, toolChoice } from './field-shapes.ts';

const text = z.string().max(10_485_760);
const callId = z.string().min(1).max(64);
const itemId = z.string().max(64).nullish();

const inputText = z.looseObject({ type: z.literal('input_text'), text });
const inputPart = z.discriminatedUnion('type', [
  inputText,
  z.looseObject({ type: z.literal('input_image') }),
  z.looseObject({ type: z.literal('input_file') }),
]);
const outputPart = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('output_text'), text }),
  z.looseObject({ type: z.literal('refusal'), refusal: text }),
]);

const messageFrom = <Role extends string>(role: Role) =>
  z.looseObject({
    type: z.literal('message'),
    role: z.literal(role),
    content: z.union([text, list(inputPart)]),
    id: itemId,
  });

const message = z.discriminatedUnion('role', [
  z.looseObject({
    type: z.literal('message'),
    role: z.literal('assistant'),
    content: z.union([text, list(outputPart)]),
    id: itemId,
  }),
  messageFrom('system'),
  messageFrom('developer'),
  messageFrom('user'),
]);

const output = z.union([text, list(inputPart)]);

const typedItem = z.discriminatedUnion('type', [
  message,
  z.looseObject({
    type: z.literal('function_call'),
    id: itemId,
    call_id: callId,
    name,
    arguments: text,
  }),
  z.looseObject({
    type: z.literal('function_call_output'),
    id: itemId,
    call_id: callId,
    output,
  }),
  z.looseObject({
    type: z.literal('custom_tool_call'),
    id: itemId,
    call_id: callId,
    name,
    input: text,
  }),
  z.looseObject({
    type: z.literal('custom_tool_call_output'),
    id: itemId,
    call_id: callId,
    output,
  }),
  z.looseObject({
    type: z.literal('reasoning'),
    id: z.string().max(64),
    summary: z.array(z.looseObject({ type: z.literal('summary_text'), text })),
    content: z.array(z.unknown()).max(0).nullish(),
    encrypted_content: z.string().max(10_485_760).nullish(),
  }),
  z.looseObject({ type: z.literal('item_reference'), id: z.string() }),
]);

/** A message may leave out that it is one. */
const item = z.preprocess((value) => {
  const isMessage =
    typeof value === 'object' && value !== null && !('type' in value) && 'role' in value;
  return isMessage ? { ...value, type: 'message' } : value;
}, typedItem);

const tool = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('function'),
    name,
    description: z.string().nullish(),
    parameters: parameters.nullable(),
    strict: z.boolean().nullable(),
  }),
  z.looseObject({ type: z.literal('custom'), name }),
]);

const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
const includable = z.enum([
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
]);

export const responsesRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1).max(10_485_760), list(item)]),
  instructions: text.nullish(),
  tools: list(tool, 128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  include: z.array(includable).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  reasoning: z.looseObject({ effort: effort.nullish(), summary: z.string().nullish() }).nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  temperature: z.number().nullish(),
});

/** A body of the Responses API that has its shape. */
export type ResponsesRequest = z.infer<typeof responsesRequest>;

/** One item of the input, in the API's own form. */
export type InputItem = Exclude<ResponsesRequest['input'], string>[number];

/** The items of a request; an input that is a text is a message of the user. */
export function itemsOf({ input }: ResponsesRequest): readonly InputItem[] {
  if (typeof input !== 'string') return input;
  return [{ type: 'message', role: 'user', content: input }];
}

/** Every parameter that the API knows; any other one is refused. */
export const RESPONSES_PARAMETERS: ReadonlySet<string> = new Set([
  ...Object.keys(responsesRequest.shape),
  'background',
  'context_management',
  'conversation',
  'max_tool_calls',
  'metadata',
  'moderation',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'stream_options',
  'text',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
]);
