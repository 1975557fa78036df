/** Speaks Chat Completions, in one piece or streamed. */
import * as z from 'zod';
import { boundary } from '../../boundary.ts';
import { answeredAs, givenName } from '../answered.ts';
import { exchange, readTurn, type Wire } from '../exchange.ts';
import { endless, refused, unusable } from '../faults.ts';
import type { Reply, ReplyOptions } from '../model.ts';
import { assertSendable, type WireRequest } from '../sendable.ts';
import { noUsage } from '../usage.ts';
import {
  argumentsText,
  ChatAccumulator,
  type ChatTurn,
  chatUsage,
  thought,
  thoughtParts,
  usageOf,
} from './accumulate.ts';
import { withReasoning } from './reasoning.ts';

/** Asks for one reply. */
export async function chatReply(
  wire: Wire,
  params: WireRequest,
  { onDelta }: Pick<ReplyOptions, 'onDelta'>,
): Promise<Reply> {
  const { model } = wire;
  assertSendable(params);
  boundary('model: before the request');
  const accumulator = new ChatAccumulator();
  const answer = await exchange(wire, '/chat/completions', params, accumulator, onDelta);
  boundary('model: after the response');
  const { endsWithoutReason } = wire.capabilities;
  const isWhole = 'whole' in answer;
  const turn = isWhole ? wholeTurn(wire, answer.whole) : accumulator.turn();
  const mayEnd = endsWithoutReason && (isWhole || answer.ended);
  const reply = readTurn(wire, turn, (read) => replyOf(model, read, mayEnd));
  return { ...reply, ...withReasoning(wire, turn) };
}

const completion = z.object({
  id: givenName,
  model: givenName,
  choices: z.tuple(
    [
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          reasoning_content: thought,
          reasoning_details: thoughtParts,
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string().nullish(),
                function: z.object({
                  name: z.string().nullish(),
                  arguments: z.unknown().optional(),
                }),
              }),
            )
            .nullish(),
        }),
      }),
    ],
    z.unknown(),
  ),
  usage: chatUsage,
});

const counted = completion.pick({ usage: true });

/** Believes a response only if it has the shape of a completion: a 200 may carry anything. */
function wholeTurn({ model, discard }: Wire, response: unknown): ChatTurn {
  const read = completion.safeParse(response);
  if (!read.success) {
    const usage = counted.safeParse(response).data?.usage;
    if (usage) discard(usageOf(usage));
    throw unusable(model, 'answered with something that is not a completion', read.error);
  }
  const [{ finish_reason: finishReason, message }] = read.data.choices;
  return {
    text: message.content ?? null,
    refusal: message.refusal ?? '',
    reasoning: message.reasoning_content ?? '',
    reasoningDetails: message.reasoning_details ?? [],
    calls: (message.tool_calls ?? []).map((call) => ({
      id: call.id ?? '',
      name: call.function.name ?? '',
      arguments: argumentsText(call.function.arguments),
    })),
    finishReason: finishReason ?? null,
    id: read.data.id ?? null,
    model: read.data.model ?? null,
    usage: read.data.usage ? usageOf(read.data.usage) : noUsage,
  };
}

/** The reasons that end a turn. Any other one, as "abort" or "error", says that it broke off. */
const ends: ReadonlySet<string> = new Set([
  'stop',
  'length',
  'tool_calls',
  'function_call',
  'content_filter',
  // Together's, and that of watsonx and old TGI: the model's own sign that it is done.
  'eos',
  'eos_token',
]);

/** A turn counts only when the server said that it is over. */
function replyOf(model: string, turn: ChatTurn, endsWithoutReason: boolean): Reply {
  const { text, refusal, calls, finishReason, usage } = turn;
  if (refusal !== '' || finishReason === 'content_filter') throw refused(model, refusal);
  const isOver = finishReason === null ? endsWithoutReason : ends.has(finishReason);
  if (!isOver) throw endless(model);
  // Its pieces could not be told apart, so its neighbours cannot be trusted either.
  if (calls.some(({ name }) => name === '')) throw unusable(model, 'made a call without a name');
  // Calls decide, not the reason: some servers say "stop" beside calls.
  const finish = finishReason === 'length' ? 'length' : calls.length > 0 ? 'calls' : 'stop';
  if (finish === 'stop' && !text) throw unusable(model, 'said nothing');
  const answered = answeredAs({ id: turn.id, model: turn.model, finishReason });
  return { text: text || null, calls, finish, usage, answered };
}
