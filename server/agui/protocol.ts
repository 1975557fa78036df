/** The part of AG-UI 1.0 that the server writes. */

export const protocolVersion = '1.0';

/** Ids of AG-UI are unique in a thread, paths in a run only. */
export function idOf(runId: string, path: string): string {
  return `${runId}/${path}`;
}

export interface Interrupt {
  readonly id: string;
  readonly reason: string;
  readonly message: string;
  readonly toolCallId: string;
  readonly subagentRunId?: string;
  readonly responseSchema: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly expiresAt?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export type AguiMessage = { readonly id: string; readonly subagentRunId?: string } & (
  | { readonly role: 'user'; readonly content: string }
  | {
      readonly role: 'assistant';
      readonly content?: string;
      readonly toolCalls?: readonly ToolCall[];
    }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly content: string }
);

export type Outcome =
  | { readonly type: 'success'; readonly pendingToolCallIds?: readonly string[] }
  | { readonly type: 'interrupt'; readonly interrupts: readonly Interrupt[] }
  | { readonly type: 'cancelled' };

interface Usage {
  readonly model?: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

/** Whose event it is, where it is not the leader's; and when it happened, in Unix milliseconds. */
interface Attributed {
  readonly subagentRunId?: string;
  readonly timestamp?: number;
}

export type AguiEvent =
  | {
      readonly type: 'RUN_STARTED';
      readonly threadId: string;
      readonly runId: string;
      readonly protocolVersion: string;
    }
  | {
      readonly type: 'RUN_FINISHED';
      readonly threadId: string;
      readonly runId: string;
      readonly outcome: Outcome;
      readonly result?: unknown;
      readonly usage?: readonly Usage[];
    }
  | {
      readonly type: 'RUN_ERROR';
      readonly message: string;
      readonly code: string;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'CUSTOM'; readonly name: string; readonly value: unknown }
  | { readonly type: 'STATE_SNAPSHOT'; readonly snapshot: unknown }
  | { readonly type: 'MESSAGES_SNAPSHOT'; readonly messages: readonly unknown[] }
  | MemberEvent
  | (Attributed &
      (
        | { readonly type: 'STEP_STARTED' | 'STEP_FINISHED'; readonly stepName: string }
        | {
            readonly type: 'TEXT_MESSAGE_START';
            readonly messageId: string;
            readonly role: 'assistant';
          }
        | {
            readonly type: 'TEXT_MESSAGE_CONTENT';
            readonly messageId: string;
            readonly delta: string;
          }
        | { readonly type: 'TEXT_MESSAGE_END'; readonly messageId: string }
        | {
            readonly type: 'TOOL_CALL_START';
            readonly toolCallId: string;
            readonly toolCallName: string;
            readonly parentMessageId: string;
          }
        | { readonly type: 'TOOL_CALL_ARGS'; readonly toolCallId: string; readonly delta: string }
        | { readonly type: 'TOOL_CALL_END'; readonly toolCallId: string }
        | {
            readonly type: 'TOOL_CALL_RESULT';
            readonly messageId: string;
            readonly toolCallId: string;
            readonly content: string;
            readonly role: 'tool';
          }
      ));

type MemberEvent =
  | {
      readonly type: 'SUBAGENT_STARTED';
      readonly subagentRunId: string;
      readonly name: string;
      readonly parentSubagentRunId?: string;
      readonly parentToolCallId: string;
    }
  | {
      readonly type: 'SUBAGENT_FINISHED';
      readonly subagentRunId: string;
      readonly outcome:
        | { readonly type: 'success' }
        | { readonly type: 'suspended'; readonly interruptIds: readonly string[] };
    }
  | {
      readonly type: 'SUBAGENT_ERROR';
      readonly subagentRunId: string;
      readonly message: string;
      readonly code: string;
    };

export type { Usage };
