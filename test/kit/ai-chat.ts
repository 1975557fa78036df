/** A chat of the AI SDK without a page: what `useChat` does, over its own transport and its own reader. */
import assert from 'node:assert/strict';
import {
  AbstractChat,
  type ChatState,
  DefaultChatTransport,
  type DynamicToolUIPart,
  isToolUIPart,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
} from 'ai';

class Chat extends AbstractChat<UIMessage> {}

function stateOf(messages: UIMessage[]): ChatState<UIMessage> {
  return {
    status: 'ready',
    error: undefined,
    messages,
    pushMessage(message) {
      this.messages = [...this.messages, message];
    },
    popMessage() {
      this.messages = this.messages.slice(0, -1);
    },
    replaceMessage(index, message) {
      this.messages = this.messages.with(index, message);
    },
    snapshot: (thing) => structuredClone(thing),
  };
}

export interface SeenChat {
  readonly chat: AbstractChat<UIMessage>;
  /** How many requests it sent. */
  requests(): number;
  /** The parts of the last message that wait for the person. */
  waiting(): DynamicToolUIPart[];
  /** All that the assistant said last, as text. */
  text(): string;
  /** Waits until nothing is under way. */
  quiet(): Promise<void>;
}

/** A chat that sends by itself what completes a step, as the SDK's examples do. */
export function openChat(api: string, id: string, messages: UIMessage[] = []): SeenChat {
  let sent = 0;
  const counting: typeof fetch = (...request) => {
    sent += 1;
    assert.ok(sent < 20, 'the chat sends without end');
    return fetch(...request);
  };
  const chat = new Chat({
    id,
    state: stateOf(messages),
    transport: new DefaultChatTransport({ api, fetch: counting }),
    sendAutomaticallyWhen: (options) =>
      lastAssistantMessageIsCompleteWithToolCalls(options) ||
      lastAssistantMessageIsCompleteWithApprovalResponses(options),
  });
  const parts = () => chat.lastMessage?.parts ?? [];
  return {
    chat,
    requests: () => sent,
    waiting: () =>
      parts()
        .filter(isToolUIPart)
        .filter(({ state, providerExecuted }) => {
          return !providerExecuted && ['input-available', 'approval-requested'].includes(state);
        }) as DynamicToolUIPart[],
    text: () =>
      parts()
        .map((part) => (part.type === 'text' ? part.text : ''))
        .join(''),
    quiet: async () => {
      for (let still = 0; still < 5; ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        still = ['ready', 'error'].includes(chat.status) ? still + 1 : 0;
      }
    },
  };
}
