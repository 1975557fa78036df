/**
 * What the Responses API says to a request that it refuses: its own sentences, as users of the real
 * API have reported them.
 */

import { Refused } from './refused.ts';

const aboutInput = (message: string) => new Refused(message, { param: 'input' });

// The conversation: every call has exactly one output, and no item comes twice.

export const noOutput = (callId: string, kind: CallKind) =>
  aboutInput(`No tool output found for ${kind} call ${callId}.`);

export const noCall = (callId: string, kind: CallKind) =>
  aboutInput(`No tool call found for ${kind} call output with call_id ${callId}.`);

/** `custom tool` for a tool that takes a text instead of JSON. */
export type CallKind = 'function' | 'custom tool';

export const duplicateCallIds = (callId: string) =>
  aboutInput(`Duplicate call_ids submitted: ['${callId}', '${callId}']`);

export const duplicateItem = (id: string) =>
  aboutInput(
    `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`,
  );

// Reasoning goes with what it led to.

export const reasoningAlone = (id: string) =>
  aboutInput(`Item '${id}' of type 'reasoning' was provided without its required following item.`);

export const reasoningMissing = (id: string, type: string, reasoningId: string) =>
  aboutInput(
    `Item '${id}' of type '${type}' was provided without its required 'reasoning' item: '${reasoningId}'.`,
  );

export const unreadableReasoning = (content: string) =>
  new Refused(
    `The encrypted content ${content.slice(0, 4)}...${content.slice(-4)} could not be verified. ` +
      'Reason: Encrypted content could not be decrypted or parsed.',
    { code: 'invalid_encrypted_content' },
  );

export const foreignReasoning = (id: string) =>
  new Refused(
    `The encrypted content for item ${id} could not be verified. ` +
      'Reason: Encrypted content item_id did not match the target item id.',
    { code: 'invalid_encrypted_content' },
  );

// Nothing is kept between requests.

export const notPersisted = (id: string) =>
  new Refused(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. ` +
      'Try again with `store` set to true, or remove this item from your input.',
    { status: 404, param: 'input' },
  );

export const notFound = (id: string) =>
  new Refused(`Item with id '${id}' not found.`, { status: 404, param: 'input' });

export const zeroDataRetention = () =>
  new Refused(
    'Previous response cannot be used for this organization due to Zero Data Retention.',
    {
      param: 'previous_response_id',
      code: 'unsupported_parameter',
    },
  );

export const previousNotFound = (id: string) =>
  new Refused(`Previous response with id '${id}' not found.`, {
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });

// The rest of the body.

export const inputMissing = () =>
  new Refused(
    `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`,
    { param: 'input', code: 'missing_required_parameter' },
  );

export const wrongIdPrefix = (index: number, id: string, prefix: string) =>
  new Refused(
    `Invalid 'input[${index}].id': '${id}'. Expected an ID that begins with '${prefix}'.`,
    { param: `input[${index}].id`, code: 'invalid_value' },
  );

export const wrongIdCharacters = (index: number, id: string) =>
  new Refused(
    `Invalid 'input[${index}].id': '${id}'. Expected an ID that contains letters, numbers, ` +
      'underscores, or dashes, but this value contained additional characters.',
    { param: `input[${index}].id`, code: 'invalid_value' },
  );

export const choiceWithoutTools = (choice: string) =>
  new Refused(`Tool choice '${choice}' must be specified with 'tools' parameter.`, {
    param: 'tool_choice',
  });

export const choiceNotFound = (type: string) =>
  new Refused(`Tool choice '${type}' not found in 'tools' parameter.`, { param: 'tool_choice' });

export const unknownParameter = (param: string) =>
  new Refused(`Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' });

export const movedParameter = (param: string, to: string) =>
  new Refused(
    `Unsupported parameter: '${param}'. In the Responses API, this parameter has moved to '${to}'. ` +
      'Try again with the new parameter. See the API documentation for more information: ' +
      'https://platform.openai.com/docs/api-reference/responses/create.',
    { param: null, code: 'unsupported_parameter' },
  );
