/**
 * The contract of a model driver: a transcript in, one reply out.
 *
 * A call in a transcript carries its result, so a transcript with an unanswered call cannot be
 * written down.
 */

/** A tool call of an earlier reply, together with its one result. */
export interface AnsweredCall {
  /** The id that the model knows the call by; unique within a transcript. */
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text. */
  readonly arguments: string;
  readonly result: string;
}

export type TranscriptMessage =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant';
      readonly text: string | null;
      readonly calls: readonly AnsweredCall[];
    };

/** A tool as the model sees it. `parameters` is a JSON Schema of type object. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ModelRequest {
  readonly instructions: string;
  readonly transcript: readonly TranscriptMessage[];
  readonly tools: readonly ToolSpec[];
}

/** A tool call as the model wrote it: `arguments` is text that may not be JSON. */
export interface RequestedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface Reply {
  readonly text: string | null;
  readonly calls: readonly RequestedCall[];
  /** `length`: the reply was cut off, so its calls may be incomplete. */
  readonly finish: 'stop' | 'calls' | 'length';
  /** Tokens as the provider counts them; 0 where it does not say. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

export interface Model {
  /** The model's name, as the provider knows it. */
  readonly name: string;
  /**
   * Asks for one reply.
   *
   * @throws RunError when no reply can be had, or none that can be used
   */
  reply(request: ModelRequest, options: { readonly signal: AbortSignal }): Promise<Reply>;
}
