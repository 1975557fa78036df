/** The refusal of a request that the model API would refuse, and the checks that both wires share. */
import { RunError } from '../errors.ts';

/** @throws RunError `unsendable_transcript`, with `details.rule` and the position of the message */
export function refuse(rule: string, what: string, index?: number): never {
  const where = index === undefined ? '' : ` (message ${index})`;
  throw new RunError(
    'unsendable_transcript',
    `A request was not sent because the model API would refuse it: ${what}${where}. This is a bug in Cadenza; the run is kept.`,
    { rule, index },
  );
}

/** What a request of either wire has beside the conversation. */
export interface WireOptions {
  readonly model: string;
  readonly stream?: unknown;
  readonly stream_options?: unknown;
  readonly tool_choice?: unknown;
  readonly parallel_tool_calls?: unknown;
}

interface DeclaredTool {
  readonly name?: unknown;
  readonly parameters?: unknown;
}

/** Checks the tools, and what is taken only together with others. */
export function checkOptions(
  { model, stream, stream_options, tool_choice, parallel_tool_calls }: WireOptions,
  tools: readonly (DeclaredTool | undefined)[] | undefined,
): void {
  if (typeof model !== 'string' || model === '') refuse('NO_MODEL', 'no model is named');
  if (tools?.length === 0) refuse('EMPTY_TOOLS', 'the list of tools is empty');
  if (tools && tools.length > 128) {
    refuse('TOO_MANY_TOOLS', `there are ${tools.length} tools, and at most 128 are taken`);
  }
  for (const tool of tools ?? []) {
    checkName(tool?.name);
    const { parameters } = tool ?? {};
    if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
      refuse('BAD_TOOL', 'the parameters of a tool are no schema');
    }
    const { type, properties } = parameters as { type?: unknown; properties?: unknown };
    if (type !== 'object' || typeof properties !== 'object' || properties === null) {
      refuse('BAD_TOOL', 'the parameters of a tool are no object with properties');
    }
  }
  if (!tools && (tool_choice != null || parallel_tool_calls != null)) {
    refuse('TOOL_CHOICE_WITHOUT_TOOLS', 'how tools are used is said, but there are none');
  }
  if (stream_options != null && stream !== true) {
    refuse('STREAM_OPTIONS_WITHOUT_STREAM', 'the options of a stream stand without one');
  }
}

export function checkName(name: unknown, index?: number): void {
  if (typeof name === 'string' && /^[a-zA-Z0-9_-]{1,64}$/.test(name)) return;
  refuse('BAD_TOOL_NAME', 'the name of a tool cannot be sent', index);
}

/** @param max in UTF-16 units */
export function checkText(text: unknown, max: number, index?: number): asserts text is string {
  if (typeof text !== 'string') refuse('NULL_CONTENT', 'a message has no text', index);
  if (text.length > max) {
    refuse('CONTENT_TOO_LONG', `a text has ${text.length} characters`, index);
  }
}

export function checkCallId(id: unknown, max: number, index: number): asserts id is string {
  if (typeof id === 'string' && id.length >= 1 && id.length <= max) return;
  refuse('BAD_CALL_ID', `the id of a call is no text of 1 to ${max} characters`, index);
}

export function checkArguments(text: unknown, max: number, index: number): void {
  checkText(text, max, index);
  try {
    JSON.parse(text);
  } catch {
    refuse('BAD_ARGUMENTS', 'the arguments of a call are not JSON', index);
  }
}

export function unanswered(open: Iterable<unknown>): string {
  return `a tool call has no result: ${[...open].map((id) => `"${id}"`).join(', ')}`;
}

/** Checks every text of a request, however deep, and the names of its fields. */
export function checkUnicode(request: object, list: readonly unknown[]): void {
  // Half a character is written as an escape, and few requests have one of those at all.
  if (!JSON.stringify(request).includes('\\ud') || isWellFormed(request)) return;
  const index = list.findIndex((one) => !isWellFormed(one));
  refuse('ILL_FORMED_UNICODE', 'a text is not well-formed', index === -1 ? undefined : index);
}

/** Whether no text in a value has half a character. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, one]) => key.isWellFormed() && isWellFormed(one));
}
