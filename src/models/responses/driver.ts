/** Speaks the Responses API, in one piece or streamed. */
import { boundary } from '../../boundary.ts';
import { exchange, readTurn, type Wire } from '../exchange.ts';
import { brokenOff, endless, refused, unusable } from '../faults.ts';
import type { ModelRequest, Reply, ReplyOptions } from '../model.ts';
import { noUsage } from '../usage.ts';
import {
  answeredBy,
  ResponsesAccumulator,
  type ResponsesTurn,
  responsesUsage,
  wholeResponse,
} from './accumulate.ts';
import { readItems } from './read-items.ts';
import { ownItems } from './request.ts';
import { assertResponsesSendable, type ResponsesWire } from './sendable.ts';

/** Asks for one reply. */
export async function responsesReply(
  wire: Wire,
  params: ResponsesWire,
  { transcript }: Pick<ModelRequest, 'transcript'>,
  { onDelta }: Pick<ReplyOptions, 'onDelta'>,
): Promise<Reply> {
  const { model } = wire;
  assertResponsesSendable(params, writtenItems(model, transcript));
  boundary('model: before the request');
  const accumulator = new ResponsesAccumulator();
  const answer = await exchange(wire, '/responses', params, accumulator, onDelta);
  boundary('model: after the response');
  const turn = 'whole' in answer ? wholeTurn(wire, answer.whole) : accumulator.turn();
  return readTurn(wire, turn, (read) => replyOf(model, read));
}

/** What goes back as the model wrote it itself, reply by reply. */
export function writtenItems(model: string, transcript: ModelRequest['transcript']) {
  return ownItems(model, transcript).filter((items) => items.length > 0);
}

const counted = wholeResponse.pick({ usage: true });

/** Believes a response only if it has the shape of one: a 200 may carry anything. */
function wholeTurn({ model, discard }: Wire, response: unknown): ResponsesTurn {
  const read = wholeResponse.safeParse(response);
  if (!read.success) {
    const told = counted.safeParse(response).data?.usage;
    if (told) discard(responsesUsage(told));
    throw unusable(model, 'answered with something that is not a response', read.error);
  }
  const { status, output, incomplete_details: details, usage } = read.data;
  const known = ['completed', 'incomplete', 'failed'] as const;
  return {
    items: output,
    status: known.find((one) => one === status) ?? null,
    reason: details?.reason ?? null,
    error: null,
    answered: answeredBy(read.data, details?.reason ?? status),
    usage: usage ? responsesUsage(usage) : noUsage,
  };
}

/** A turn counts only when the server said that it is over. */
function replyOf(model: string, turn: ResponsesTurn): Reply {
  const { items, status, reason, usage, answered } = turn;
  if (status === 'failed') throw brokenOff(model, turn.error);
  if (status === null) throw endless(model);
  const { text, refusal, calls } = itemsOf(model, items);
  if (refusal !== null || reason === 'content_filter') throw refused(model, refusal ?? '');
  if (calls.some(({ name }) => name === '')) throw unusable(model, 'made a call without a name');
  const finish = status === 'incomplete' ? 'length' : calls.length > 0 ? 'calls' : 'stop';
  if (finish === 'stop' && !text) throw unusable(model, 'said nothing');
  return { text: text || null, calls, finish, usage, answered, verbatim: { model, items } };
}

function itemsOf(model: string, items: ResponsesTurn['items']) {
  try {
    return readItems(items);
  } catch (error) {
    throw unusable(model, 'answered with items that are none', error);
  }
}
