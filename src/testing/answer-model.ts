/**
 * Answers a request for a reply of the model, on either wire: judge it, choose the turn, and write
 * the turn as what was asked for, with the faults that strike.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, plainAnswer, streamAnswer } from './answer.ts';
import type { ModelMessage } from './chat-request.ts';
import { checkFaults } from './check-faults.ts';
import { chooseTurn, type TurnSources } from './choose-turn.ts';
import { completion } from './completion.ts';
import { eventStream } from './event-stream.ts';
import { type FaultParts, type Faults, has, type Strikes, strike } from './fault.ts';
import { concerns, faultAnswer } from './fault-answer.ts';
import { judgeRequest } from './judge-request.ts';
import { judgeResponses } from './judge-responses.ts';
import { readChat, readResponses } from './read-request.ts';
import { lostReasoning, Refused, toolsWithReasoning } from './refused.ts';
import { responsesReply } from './responses-reply.ts';
import { type SpokenTurn, speak } from './spoken-turn.ts';
import { streamChat } from './stream-chat.ts';
import { streamResponses } from './stream-responses.ts';
import type { ModelRequest, TurnParts, Wire } from './turn.ts';

/** How the model behaves, whatever it says. */
export interface ModelBehaviour extends TurnSources {
  /**
   * `true` refuses tools on Chat Completions unless `reasoning_effort` is `none`, as OpenAI's
   * reasoning models do. Default: `false`.
   */
  readonly refuseToolsWithReasoning?: boolean;
  /**
   * `true` tells what a turn says as its `reasoning` on Chat Completions too, in `reasoning_content`,
   * and refuses replies that come back without, as DeepSeek's reasoning models do. Default: `false`.
   */
  readonly wantsReasoningContent?: boolean;
  /** What goes wrong with every answer, or with the answer to a request. */
  readonly fault?: Faults | ((request: ModelRequest) => Faults | undefined);
}

/** A request as it came, and what is needed to answer it. */
export interface Asking {
  readonly wire: Wire;
  readonly text: string;
  readonly behaviour: ModelBehaviour;
  readonly strikes: Strikes;
  readonly signal: AbortSignal;
  /** Told of the request as soon as it is accepted. */
  readonly accept: (request: ModelRequest) => void;
}

/** An answer and the faults that strike while it is sent. */
export interface FaultyAnswer {
  readonly answer: Answer;
  readonly faults: readonly FaultParts[];
}

/**
 * Answers a request.
 *
 * @throws Refused where the API would refuse the request, or where there is no turn for it
 */
export async function answerModel(asking: Asking): Promise<FaultyAnswer> {
  const { wire, text, behaviour, strikes, signal } = asking;
  const request = judge(wire, text, behaviour);
  asking.accept(request);
  const striking = (wanted: Faults | undefined) => {
    checkFaults(wanted);
    return strike(wanted, (fault) => concerns(fault, request, text.length), strikes);
  };
  const { fault } = behaviour;
  const general = striking(typeof fault === 'function' ? fault(request) : fault);
  const instead = faultAnswer(general, request, text.length);
  if (instead !== undefined) return { answer: instead, faults: general };
  const turn = await chooseTurn(request, behaviour);
  if (turn.delayMs !== undefined) await delay(turn.delayMs, undefined, { signal });
  const faults = [...general, ...striking(turn.fault)];
  const answer =
    faultAnswer(faults, request, text.length) ??
    rawAnswer(turn) ??
    reply(spokenOn(request, behaviour, speak(turn, faults, text.length)), request, faults);
  return { answer, faults };
}

function judge(wire: Wire, text: string, behaviour: ModelBehaviour): ModelRequest {
  if (wire === 'responses') return readResponses(judgeResponses(text));
  const body = judgeRequest(text);
  const reasons = body.reasoning_effort !== 'none';
  if (behaviour.refuseToolsWithReasoning && body.tools && reasons) {
    throw toolsWithReasoning(body.model);
  }
  if (behaviour.wantsReasoningContent && body.messages.some(hasLostItsReasoning)) {
    throw lostReasoning();
  }
  return readChat(body);
}

function hasLostItsReasoning(message: ModelMessage): boolean {
  if (message.role !== 'assistant') return false;
  const { reasoning_content: reasoning } = message;
  return typeof reasoning !== 'string' || reasoning === '';
}

/** OpenAI does not tell on Chat Completions what its models think. */
function spokenOn(
  { wire }: ModelRequest,
  { wantsReasoningContent = false }: ModelBehaviour,
  spoken: SpokenTurn,
): SpokenTurn {
  return wire === 'chat' && !wantsReasoningContent ? { ...spoken, reasoning: undefined } : spoken;
}

/** The answer of a turn that is no reply of a model but an answer of HTTP. */
function rawAnswer({ status = 200, body, headers }: TurnParts): Answer | undefined {
  if (body !== undefined) return plainAnswer(status, body, headers);
  if (status === 200) return undefined;
  const refused = new Refused(`The script answers with status ${status}.`, { status });
  return plainAnswer(status, refused.body, headers);
}

function reply(spoken: SpokenTurn, request: ModelRequest, faults: readonly FaultParts[]): Answer {
  const { wire, body } = request;
  if (wire === 'chat') {
    if (body.stream !== true) return whole(completion(spoken, body.model, faults), faults);
    const includesUsage = body.stream_options?.include_usage === true;
    const events = streamChat(spoken, { model: body.model, includesUsage, faults });
    return streamAnswer(eventStream(events, wire, faults));
  }
  const response = responsesReply(spoken, body, faults);
  if (body.stream !== true) return whole(response, faults);
  return streamAnswer(eventStream(streamResponses(response, faults), wire, faults));
}

function whole(body: object, faults: readonly FaultParts[]): Answer {
  if (!has(faults, 'truncated_json')) return plainAnswer(200, body);
  const text = JSON.stringify(body);
  const half = text.slice(0, Math.floor(text.length / 2));
  return plainAnswer(200, half, { 'content-type': 'application/json' });
}
