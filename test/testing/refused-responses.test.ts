import { describe } from 'node:test';
import { type Case, refuses } from './refuses.ts';
import { responsesBody as body, flatTool, item, postResponses } from './responses-requests.ts';

const EMPTY_ARRAY =
  'empty array. Expected an array with minimum length 1, but got an empty array instead.';
const BAD_PATTERN =
  "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
const { user, call, output, reasoning } = item;

const shapes: Case[] = [
  {
    title: 'no input',
    sent: { model: 'gpt-5' },
    message: `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`,
    param: 'input',
    code: 'missing_required_parameter',
  },
  {
    title: 'an empty input',
    sent: body([]),
    message: `Invalid 'input': ${EMPTY_ARRAY}`,
    param: 'input',
    code: 'empty_array',
  },
  {
    title: 'no model',
    sent: { input: 'Coffee' },
    message: "Missing required parameter: 'model'.",
    param: 'model',
    code: 'missing_required_parameter',
  },
  {
    title: 'messages as on the other wire',
    sent: { model: 'gpt-5', messages: [user()] },
    message:
      "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'. Try again with the new parameter. See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.",
    code: 'unsupported_parameter',
  },
  {
    title: 'a parameter that nobody knows',
    sent: body('Coffee', { flavour: 'mild' }),
    message: "Unknown parameter: 'flavour'.",
    param: 'flavour',
    code: 'unknown_parameter',
  },
  {
    title: 'a tool in the form of the other wire',
    sent: body('Coffee', { tools: [{ type: 'function', function: { name: 'a' } }] }),
    message: "Missing required parameter: 'tools[0].name'.",
    param: 'tools[0].name',
    code: 'missing_required_parameter',
  },
  {
    title: 'a tool that does not say whether it is strict',
    sent: body('Coffee', { tools: [flatTool('a', { strict: undefined })] }),
    message: "Missing required parameter: 'tools[0].strict'.",
    param: 'tools[0].strict',
    code: 'missing_required_parameter',
  },
  {
    title: 'a tool whose object names no properties',
    sent: body('Coffee', { tools: [flatTool('a', { parameters: { type: 'object' } })] }),
    message: "Invalid schema for function 'a': In context=(), object schema missing properties.",
    param: 'tools[0].parameters',
    code: 'invalid_function_parameters',
  },
  {
    title: 'a strict tool that does not require what it has',
    sent: body('Coffee', {
      tools: [
        flatTool('a', {
          strict: true,
          parameters: {
            type: 'object',
            properties: {
              list: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { one: {}, two: {} },
                  required: ['one'],
                  additionalProperties: false,
                },
              },
            },
            required: ['list'],
            additionalProperties: false,
          },
        }),
      ],
    }),
    message:
      "Invalid schema for function 'a': In context=('properties', 'list', 'items'), 'required' is required to be supplied and to be an array including every key in properties. Missing 'two'.",
    param: 'tools[0].parameters',
    code: 'invalid_function_parameters',
  },
  {
    title: 'a tool name with a space',
    sent: body('Coffee', { tools: [flatTool('book table')] }),
    message: `Invalid 'tools[0].name': ${BAD_PATTERN}`,
    param: 'tools[0].name',
    code: 'invalid_value',
  },
  {
    title: '129 tools',
    sent: body('Coffee', { tools: Array.from({ length: 129 }, (_, i) => flatTool(`t${i}`)) }),
    message:
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead.",
    param: 'tools',
    code: 'array_above_max_length',
  },
  {
    title: 'a required tool where there is none',
    sent: body('Coffee', { tool_choice: 'required' }),
    message: "Tool choice 'required' must be specified with 'tools' parameter.",
    param: 'tool_choice',
  },
  {
    title: 'the choice of a tool that is not offered',
    sent: body('Coffee', { tools: [flatTool('a')], tool_choice: { type: 'function', name: 'b' } }),
    message: "Tool choice 'function' not found in 'tools' parameter.",
    param: 'tool_choice',
  },
  {
    title: 'a call id of 65 characters',
    sent: body([user(), call('x'.repeat(65))]),
    message:
      "Invalid 'input[1].call_id': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    param: 'input[1].call_id',
    code: 'string_above_max_length',
  },
  {
    title: 'an output without a call id',
    sent: body([user(), { type: 'function_call_output', output: 'found' }]),
    message: "Missing required parameter: 'input[1].call_id'.",
    param: 'input[1].call_id',
    code: 'missing_required_parameter',
  },
  {
    title: 'an output that is null',
    sent: body([call('call_a'), output('call_a', null)]),
    message:
      "Invalid type for 'input[1].output': expected one of a string or array of objects, but got null instead.",
    param: 'input[1].output',
    code: 'invalid_type',
  },
  {
    title: 'an assistant that speaks as a user does',
    sent: body([{ role: 'assistant', content: [{ type: 'input_text', text: 'Hm' }] }]),
    message: "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
    param: 'input[0].content[0].type',
    code: 'invalid_value',
  },
  {
    title: 'a message that is null',
    sent: body([{ role: 'assistant', content: null }]),
    message:
      "Invalid type for 'input[0].content': expected one of a string or array of objects, but got null instead.",
    param: 'input[0].content',
    code: 'invalid_type',
  },
  {
    title: 'a call whose item has the id of the call',
    sent: body([call('call_a', { id: 'call_a' }), output('call_a')]),
    message: "Invalid 'input[0].id': 'call_a'. Expected an ID that begins with 'fc'.",
    param: 'input[0].id',
    code: 'invalid_value',
  },
  {
    title: 'an item whose id is empty',
    sent: body([call('call_a', { id: '' }), output('call_a')]),
    message:
      "Invalid 'input[0].id': ''. Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters.",
    param: 'input[0].id',
    code: 'invalid_value',
  },
  {
    title: 'reasoning in plain text',
    sent: body([reasoning('rs_1', { content: [{ type: 'reasoning_text', text: 'Hm' }] })]),
    message:
      "Invalid 'input[0].content': array too long. Expected an array with maximum length 0, but got an array with length 1 instead.",
    param: 'input[0].content',
    code: 'array_above_max_length',
  },
  {
    title: 'fewer output tokens than there must be',
    sent: body('Coffee', { max_output_tokens: 5 }),
    message:
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 5 instead.",
    param: 'max_output_tokens',
    code: 'integer_below_min_value',
  },
  {
    title: 'a text that is cut inside an emoji',
    sent: '{"model":"gpt-5","input":"tea \\ud83c"}',
    message:
      'The request body is not valid JSON: no low surrogate in string: line 1 column 31 (char 30)',
  },
];

describe('on Responses, the model server refuses a request with', () =>
  refuses(shapes, postResponses));
