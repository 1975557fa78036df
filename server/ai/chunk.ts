/** Chunks of the AI SDK's UI message stream. */

export type Chunk = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What a text says as JSON; the text itself where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
