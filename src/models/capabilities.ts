/** What servers of OpenAI's wire take and what they do not. */

/** How a server differs from what the wire says. */
export interface Capabilities {
  /** The role of the instructions. */
  readonly systemRole: 'system' | 'developer';
  /** Whether usage can be asked for in a stream. */
  readonly streamUsage: boolean;
  /** Whether `parallel_tool_calls` can be sent. */
  readonly parallelToolCalls: boolean;
  /** What a reply without text has for content. */
  readonly emptyContent: null | '';
  /** Whether a stream that ends with `[DONE]` but no finish reason is a whole turn. */
  readonly endsWithoutReason: boolean;
  /** The name of the bound on output tokens. */
  readonly maxTokens: 'max_completion_tokens' | 'max_tokens';
  /** Whether the Responses API wants each result right after its call. */
  readonly resultsBesideCalls: boolean;
  /** Whether Chat Completions wants back, in `reasoning_content`, what the model thought. */
  readonly reasoningContent: boolean;
  /** Whether Chat Completions wants `reasoning_details` back, which may seal what the model thought. */
  readonly reasoningDetails: boolean;
}

export type Provider = 'openai' | 'azure' | 'openrouter' | 'ollama' | 'vllm' | 'deepseek';

const standard: Capabilities = {
  systemRole: 'system',
  streamUsage: true,
  parallelToolCalls: true,
  emptyContent: null,
  endsWithoutReason: false,
  maxTokens: 'max_completion_tokens',
  resultsBesideCalls: false,
  reasoningContent: false,
  reasoningDetails: false,
};

const compatible: Capabilities = { ...standard, parallelToolCalls: false, maxTokens: 'max_tokens' };

const presets: Readonly<Record<Provider, Capabilities>> = {
  openai: standard,
  azure: standard,
  openrouter: { ...compatible, parallelToolCalls: true, reasoningDetails: true },
  ollama: { ...compatible, emptyContent: '' },
  vllm: compatible,
  deepseek: {
    ...compatible,
    emptyContent: '',
    resultsBesideCalls: true,
    reasoningContent: true,
  },
};

/** A provider's preset with your changes. */
export function capabilitiesOf(
  provider: Provider,
  changes: Partial<Capabilities> = {},
): Capabilities {
  return { ...presets[provider], ...changes };
}
