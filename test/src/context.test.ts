/** Cutting a conversation: whatever was said, the rest can be sent, and is as small as it must be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Conversation, cut, sizeOf, taskOf, transcriptOf } from '../../src/effects/context.ts';
import { capabilitiesOf } from '../../src/models/capabilities.ts';
import { chatRequest } from '../../src/models/chat/request.ts';
import type { ModelRequest, TranscriptMessage } from '../../src/models/model.ts';
import { samplingOf } from '../../src/models/options.ts';
import { writtenItems } from '../../src/models/responses/driver.ts';
import { responsesRequest } from '../../src/models/responses/request.ts';
import { assertResponsesSendable } from '../../src/models/responses/sendable.ts';
import { assertSendable } from '../../src/models/sendable.ts';
import { model, requests } from '../models/transcripts.ts';

/** Random earlier runs, and a random run of now. */
const conversations = fc
  .tuple(fc.array(requests, { maxLength: 3 }), requests)
  .map(([earlier, now]): Conversation => {
    const runs = [...earlier, now].map(({ transcript }, run) => transcript.map(inRun(run)));
    return { history: runs.slice(0, -1), own: runs.at(-1) ?? [] };
  });

/** Makes the ids of calls those of one run. */
function inRun(run: number) {
  return (message: TranscriptMessage): TranscriptMessage =>
    message.role === 'user'
      ? message
      : { ...message, calls: message.calls.map((call) => ({ ...call, id: `r${run}_${call.id}` })) };
}

const sizes = fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 600 }));

const settings = [samplingOf({}), capabilitiesOf('openai'), new Set<string>()] as const;

function assertSendableOnBoth(transcript: readonly TranscriptMessage[]): void {
  const request: ModelRequest = { instructions: 'You are "Desk".', transcript, tools: [] };
  assertSendable(chatRequest(model, request, ...settings));
  const written = writtenItems(model, transcript);
  assertResponsesSendable(responsesRequest(model, request, ...settings), written);
}

/** What must stay: the task, and the last reply with what follows it. */
function leastOf(conversation: Conversation): TranscriptMessage[] {
  const { own } = conversation;
  const last = own.findLastIndex(({ role }) => role === 'assistant');
  return [...taskOf(conversation), ...(last === -1 ? [] : own.slice(last))];
}

test('a cut conversation can be sent on both wires, with or without a note', () => {
  fc.assert(
    fc.property(conversations, sizes, (conversation, tokensMax) => {
      const kept = cut(conversation, tokensMax);
      assertSendableOnBoth(transcriptOf(kept));
      assertSendableOnBoth(transcriptOf(kept, 'Something is left out.'));
    }),
  );
});

test('a cut leaves out the oldest and keeps the task, the latest turn and the order', () => {
  fc.assert(
    fc.property(conversations, sizes, (conversation, tokensMax) => {
      const kept = cut(conversation, tokensMax);
      const { history, own } = conversation;
      const task = taskOf(conversation);
      assert.deepEqual(kept.history, history.slice(history.length - kept.history.length));
      assert.deepEqual(kept.own.slice(0, task.length), task);
      const turns = kept.own.slice(task.length);
      assert.deepEqual(turns, own.slice(own.length - turns.length));
      assert.equal(turns[0]?.role ?? 'assistant', 'assistant', 'a turn begins with a reply');
      assert.deepEqual(leastOf(kept), leastOf(conversation));
      const isWhole = kept.own.length === own.length;
      assert.ok(kept.history.length === 0 || isWhole, 'runs go before turns');
    }),
  );
});

test('a cut fits if it can, leaves out nothing that fits, and is its own cut', () => {
  fc.assert(
    fc.property(conversations, sizes, (conversation, tokensMax) => {
      const kept = cut(conversation, tokensMax);
      const size = sizeOf(transcriptOf(kept));
      assert.ok(size <= tokensMax || size === sizeOf(leastOf(conversation)));
      if (sizeOf(transcriptOf(conversation)) <= tokensMax) assert.deepEqual(kept, conversation);
      assert.deepEqual(cut(kept, tokensMax), kept);
    }),
  );
});
