import { describe } from 'node:test';
import { type Case, refuses } from './refuses.ts';
import { body, calling, functionCall, result, tool, user } from './requests.ts';

const UNPARSABLE =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using " +
  'your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not ' +
  'valid JSON. If you have trouble figuring out how to fix this, please contact us through our ' +
  'help center at help.openai.com.)';
const EMPTY_ARRAY =
  'empty array. Expected an array with minimum length 1, but got an empty array instead.';
const EMPTY_STRING =
  'empty string. Expected a string with minimum length 1, but got an empty string instead.';
const BAD_PATTERN =
  "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
const ROLES = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";
const OPEN = { type: 'object', properties: {} };
const callNamed = (name: string) => ({
  role: 'assistant',
  tool_calls: [functionCall('call_a', name)],
});

const shapes: Case[] = [
  {
    title: 'a call id of 44 characters',
    sent: body([user(), user(), calling('x'.repeat(44))]),
    message:
      "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 44 instead.",
    param: 'messages[2].tool_calls[0].id',
    code: 'string_above_max_length',
  },
  {
    title: 'an empty list of calls',
    sent: body([user(), { role: 'assistant', content: 'hm', tool_calls: [] }]),
    message: `Invalid 'messages[1].tool_calls': ${EMPTY_ARRAY}`,
    param: 'messages[1].tool_calls',
    code: 'empty_array',
  },
  {
    title: '129 tools',
    sent: body([user()], { tools: Array.from({ length: 129 }, (_, i) => tool(`t${i}`)) }),
    message:
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead.",
    param: 'tools',
    code: 'array_above_max_length',
  },
  {
    title: 'an empty list of tools',
    sent: body([user()], { tools: [] }),
    message: `Invalid 'tools': ${EMPTY_ARRAY}`,
    param: 'tools',
    code: 'empty_array',
  },
  {
    title: 'a tool name with a space',
    sent: body([user()], { tools: [tool('a'), tool('book table')] }),
    message: `Invalid 'tools[1].function.name': ${BAD_PATTERN}`,
    param: 'tools[1].function.name',
    code: 'invalid_value',
  },
  {
    title: 'a tool name of 65 characters',
    sent: body([user()], { tools: [tool('x'.repeat(65))] }),
    message:
      "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    param: 'tools[0].function.name',
    code: 'string_above_max_length',
  },
  {
    title: 'a called name with a space',
    sent: body([user(), callNamed('book table'), result('call_a')]),
    message: `Invalid 'messages[1].tool_calls[0].function.name': ${BAD_PATTERN}`,
    param: 'messages[1].tool_calls[0].function.name',
    code: 'invalid_value',
  },
  {
    title: 'an empty called name',
    sent: body([user(), callNamed(''), result('call_a')]),
    message: `Invalid 'messages[1].tool_calls[0].function.name': ${EMPTY_STRING}`,
    param: 'messages[1].tool_calls[0].function.name',
    code: 'empty_string',
  },
  {
    title: 'a message name with a space',
    sent: body([{ ...user(), name: 'Ada Lovelace' }]),
    message: `Invalid 'messages[0].name': ${BAD_PATTERN}`,
    param: 'messages[0].name',
    code: 'invalid_value',
  },
  {
    title: 'a conversation without messages',
    sent: body([]),
    message: `Invalid 'messages': ${EMPTY_ARRAY}`,
    param: 'messages',
    code: 'empty_array',
  },
  {
    title: 'a body without messages',
    sent: { model: 'gpt-4o-mini' },
    message: "Missing required parameter: 'messages'.",
    param: 'messages',
    code: 'missing_required_parameter',
  },
  {
    title: 'a tool choice without tools',
    sent: body([user()], { tool_choice: 'auto' }),
    message:
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    param: 'tool_choice',
  },
  {
    title: 'parallel calls without tools',
    sent: body([user()], { parallel_tool_calls: false }),
    message:
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
    param: 'parallel_tool_calls',
  },
  {
    title: 'a text that is too long',
    sent: body([user('x'.repeat(1_048_577))]),
    message:
      "Invalid 'messages[0].content': string too long. Expected a string with maximum length 1048576, but got a string with length 1048577 instead.",
    param: 'messages[0].content',
    code: 'string_above_max_length',
  },
  {
    title: 'arguments that are an object',
    sent: body([
      user(),
      { role: 'assistant', tool_calls: [functionCall('call_a', 'look_up', {})] },
      result('call_a'),
    ]),
    message:
      "Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string, but got an object instead.",
    param: 'messages[1].tool_calls[0].function.arguments',
    code: 'invalid_type',
  },
  {
    title: 'an unknown role',
    sent: body([{ role: 'robot', content: 'beep' }]),
    message: `Invalid value: 'robot'. Supported values are: ${ROLES}.`,
    param: 'messages[0].role',
    code: 'invalid_value',
  },
  {
    title: 'a message without a role',
    sent: body([user(), { content: 'beep' }]),
    message: "Missing required parameter: 'messages[1].role'.",
    param: 'messages[1].role',
    code: 'missing_required_parameter',
  },
  {
    title: 'content that is a number',
    sent: body([user(4)]),
    message:
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
    param: 'messages[0].content',
    code: 'invalid_type',
  },
  {
    title: 'an image in a result',
    sent: body([calling('call_a'), result('call_a', [{ type: 'image_url', image_url: {} }])]),
    message: "Invalid value: 'image_url'. Supported values are: 'text'.",
    param: 'messages[1].content[0].type',
    code: 'invalid_value',
  },
  {
    title: 'a body without a model',
    sent: { messages: [user()] },
    message: 'you must provide a model parameter',
  },
  {
    title: 'stream options without a stream',
    sent: body([user()], { stream_options: { include_usage: true } }),
    message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    param: 'stream_options',
  },
  {
    title: 'a parameter of another API',
    sent: body([user()], { max_output_tokens: 16 }),
    message: 'Unrecognized request argument supplied: max_output_tokens',
  },
  {
    title: 'a tool whose object names no properties',
    sent: body([user()], { tools: [tool('a'), tool('b', { type: 'object' })] }),
    message: "Invalid schema for function 'b': In context=(), object schema missing properties.",
    param: 'tools[1].function.parameters',
    code: 'invalid_function_parameters',
  },
  {
    title: 'a tool whose schema is of no object',
    sent: body([user()], { tools: [tool('a', {})] }),
    message: `Invalid schema for function 'a': schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.`,
    param: 'tools[0].function.parameters',
    code: 'invalid_function_parameters',
  },
  {
    title: 'a strict tool whose object is open',
    sent: body([user()], {
      tools: [{ type: 'function', function: { name: 'a', strict: true, parameters: OPEN } }],
    }),
    message:
      "Invalid schema for function 'a': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    param: 'tools[0].function.parameters',
    code: 'invalid_function_parameters',
  },
];

const texts: Case[] = [
  { title: 'a body that is not JSON', sent: '{"model": ', message: UNPARSABLE },
  { title: 'a body that is not an object', sent: '[1]', message: UNPARSABLE },
  {
    title: 'a text that is cut inside an emoji',
    sent: body([user('tea \ud83c')]),
    message:
      'The request body is not valid JSON: no low surrogate in string: line 1 column 66 (char 65)',
  },
  {
    title: 'two first halves of an emoji',
    sent: '{"model":\n"\\ud83c\\ud83c"}',
    message:
      'The request body is not valid JSON: no low surrogate in string: line 2 column 2 (char 11)',
  },
  {
    title: 'the second half of an emoji alone',
    sent: '{"model":"\\udf75"}',
    message:
      'The request body is not valid JSON: no high surrogate in string: line 1 column 11 (char 10)',
  },
  {
    title: 'the halves of an emoji apart',
    sent: '{"model":"\\ud83c \\udf75"}',
    message:
      'The request body is not valid JSON: no low surrogate in string: line 1 column 11 (char 10)',
  },
];

describe('the model server refuses a request with', () => refuses(shapes));

describe('the model server cannot read', () => refuses(texts));
