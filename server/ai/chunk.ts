/** Chunks of the AI SDK's UI message stream. */

export type Chunk = { readonly type: string } & Readonly<Record<string, unknown>>;
