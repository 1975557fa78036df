import { describe } from 'node:test';
import { type Case, refuses } from './refuses.ts';
import { responsesBody as body, item, postResponses } from './responses-requests.ts';

const UNPARSABLE_SEAL = 'Reason: Encrypted content could not be decrypted or parsed.';
const { user, call, output, reasoning } = item;

const conversations: Case[] = [
  {
    title: 'a call without an output',
    sent: body([user(), call('call_a')]),
    message: 'No tool output found for function call call_a.',
    param: 'input',
  },
  {
    title: 'two calls of which one is answered before a new text',
    sent: body([user(), call('call_a'), call('call_b'), output('call_a'), user()]),
    message: 'No tool output found for function call call_b.',
    param: 'input',
  },
  {
    title: 'an output without a call',
    sent: body([user(), output('call_a')]),
    message: 'No tool call found for function call output with call_id call_a.',
    param: 'input',
  },
  {
    title: 'an output before its call',
    sent: body([output('call_a'), call('call_a')]),
    message: 'No tool call found for function call output with call_id call_a.',
    param: 'input',
  },
  {
    title: 'two outputs of one call',
    sent: body([call('call_a'), output('call_a'), output('call_a', 'again')]),
    message: "Duplicate call_ids submitted: ['call_a', 'call_a']",
    param: 'input',
  },
  {
    title: 'two calls with one id',
    sent: body([call('call_a'), call('call_a'), output('call_a')]),
    message: "Duplicate call_ids submitted: ['call_a', 'call_a']",
    param: 'input',
  },
  {
    title: 'two calls with one id in different turns',
    sent: body([call('call_a'), output('call_a'), user(), call('call_a'), output('call_a')]),
    message: "Duplicate call_ids submitted: ['call_a', 'call_a']",
    param: 'input',
  },
  {
    title: 'a call of a custom tool without an output',
    sent: body([{ type: 'custom_tool_call', call_id: 'call_a', name: 'run', input: 'x' }]),
    message: 'No tool output found for custom tool call call_a.',
    param: 'input',
  },
  {
    title: 'the output of a custom tool for a call of a function',
    sent: body([call('call_a'), { ...output('call_a'), type: 'custom_tool_call_output' }]),
    message: 'No tool call found for custom tool call output with call_id call_a.',
    param: 'input',
  },
  {
    title: 'an item that comes twice',
    sent: body([
      call('call_a', { id: 'fc_1' }),
      output('call_a'),
      call('call_b', { id: 'fc_1' }),
      output('call_b'),
    ]),
    message:
      'Duplicate item found with id fc_1. Remove duplicate items from your input and try again.',
    param: 'input',
  },
  {
    title: 'reasoning by its id alone',
    sent: body([reasoning('rs_1'), call('call_a'), output('call_a')]),
    status: 404,
    message:
      "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.",
    param: 'input',
  },
  {
    title: 'a reference to an item',
    sent: body([{ type: 'item_reference', id: 'msg_1' }], { store: true }),
    status: 404,
    message: "Item with id 'msg_1' not found.",
    param: 'input',
  },
  {
    title: 'an earlier response where nothing is stored',
    sent: body([user()], { previous_response_id: 'resp_1' }),
    message: 'Previous response cannot be used for this organization due to Zero Data Retention.',
    param: 'previous_response_id',
    code: 'unsupported_parameter',
  },
  {
    title: 'an earlier response that is not there',
    sent: body([user()], { previous_response_id: 'resp_1', store: true }),
    message: "Previous response with id 'resp_1' not found.",
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  },
  {
    title: 'reasoning that somebody else sealed',
    sent: body([
      reasoning('rs_1', { encrypted_content: 'gAAAAABforeign==' }),
      call('call_a'),
      output('call_a'),
    ]),
    message: `The encrypted content gAAA...gn== could not be verified. ${UNPARSABLE_SEAL}`,
    code: 'invalid_encrypted_content',
  },
];

describe('on Responses, the model server refuses a conversation with', () =>
  refuses(conversations, postResponses));
