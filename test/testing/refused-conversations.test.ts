import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import OpenAI from 'openai';
import { startModelServer } from '../../src/testing/index.ts';
import { type Case, refuses } from './refuses.ts';
import { body, calling, client, result, system, user } from './requests.ts';

const UNANSWERED =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
  "'tool_call_id'. The following tool_call_ids did not have response messages: ";
const ORPHAN =
  "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";

const conversations: Case[] = [
  {
    title: 'a tool call at the end without a result',
    sent: body([user(), calling('call_a')]),
    message: `${UNANSWERED}call_a`,
    param: 'messages',
  },
  {
    title: 'a user message where results are due',
    sent: body([user(), calling('call_a', 'call_b'), user('And tea?')]),
    message: `${UNANSWERED}call_a, call_b`,
    param: 'messages.[2].role',
  },
  {
    title: 'parallel calls of which some are answered',
    sent: body([user(), calling('call_a', 'call_b', 'call_c'), result('call_b'), user()]),
    message: `${UNANSWERED}call_a, call_c`,
    param: 'messages.[3].role',
  },
  {
    title: 'a text between the results of one message',
    sent: body([calling('call_a', 'call_b'), result('call_a'), user(), result('call_b')]),
    message: `${UNANSWERED}call_b`,
    param: 'messages.[2].role',
  },
  {
    title: 'a result without a call',
    sent: body([user(), result('call_a')]),
    message: ORPHAN,
    param: 'messages.[1].role',
  },
  {
    title: 'a late result after the calls were answered',
    sent: body([calling('call_a'), result('call_a'), user(), result('call_a')]),
    message: ORPHAN,
    param: 'messages.[3].role',
  },
  {
    title: 'a result of an unknown call',
    sent: body([calling('call_a'), result('call_z')]),
    message:
      "Invalid parameter: 'tool_call_id' of 'call_z' not found in 'tool_calls' of previous message.",
    param: 'messages.[1].tool_call_id',
  },
  {
    title: 'a result of a call of an earlier message',
    sent: body([calling('call_a'), result('call_a'), calling('call_b'), result('call_a')]),
    message:
      "Invalid parameter: 'tool_call_id' of 'call_a' not found in 'tool_calls' of previous message.",
    param: 'messages.[3].tool_call_id',
  },
  {
    title: 'two results of one call',
    sent: body([calling('call_a', 'call_b'), result('call_a'), result('call_b'), result('call_a')]),
    message:
      "Invalid parameter: Duplicate value for 'tool_call_id' of 'call_a', in messages[1] and messages[3].",
    param: 'messages.[3].tool_call_id',
  },
  {
    title: 'two calls with one id',
    sent: body([calling('call_a', 'call_a'), result('call_a')]),
    message: "Invalid parameter: Duplicate value for 'id' of 'call_a', in messages[0].",
    param: 'messages.[0].tool_calls',
  },
  {
    title: 'a result without an id',
    sent: body([calling('call_a'), { role: 'tool', content: 'found' }]),
    message:
      "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
    param: 'messages.[1].tool_call_id',
  },
  {
    title: 'an assistant message without text and calls',
    sent: body([user(), { role: 'assistant', content: null }, user()]),
    message: "Invalid value for 'content': expected a string, got null.",
    param: 'messages.[1].content',
  },
  {
    title: 'a result that is null',
    sent: body([calling('call_a'), result('call_a', null)]),
    message: "Invalid value for 'content': expected a string, got null.",
    param: 'messages.[1].content',
  },
  {
    title: 'a user message without content',
    sent: body([{ role: 'user' }]),
    message: "Invalid value for 'content': expected a string, got null.",
    param: 'messages.[0].content',
  },
];

describe('the model server refuses a conversation with', () => refuses(conversations));

describe('a refused conversation', () => {
  it('is a bad request to OpenAI’s own client', async (t) => {
    const server = await startModelServer();
    t.after(() => server.close());
    const { chat } = client(server);
    await assert.rejects(
      chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [
          { role: 'system', content: system('Leader').content },
          { role: 'tool', tool_call_id: 'call_a', content: 'found' },
        ],
      }),
      (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.message, `400 ${ORPHAN}`);
        assert.equal(error.param, 'messages.[1].role');
        return true;
      },
    );
  });
});
