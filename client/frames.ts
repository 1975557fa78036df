/** Reads server-sent events from a body, wherever it is cut. */

/** One event of a stream. */
export interface Frame {
  /** `message` unless it is named. */
  readonly event: string;
  readonly id?: string;
  readonly data: string;
}

/**
 * The frames of a body. One that was cut off at the end is thrown away.
 *
 * @param heard told whenever anything came, be it a comment
 */
export async function* readFrames(
  body: ReadableStream<Uint8Array> | null,
  heard: () => void,
): AsyncGenerator<Frame, void, undefined> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return;
      heard();
      const piece = decoder.decode(value, { stream: true });
      const last = pieces.at(-1)?.at(-1) ?? '';
      if (piece !== '') pieces.push(piece);
      // Two line breaks end a frame. Without, nothing is looked through again, however large it grows.
      if (!/[\r\n]{2}/.test(last + piece)) continue;
      // A line break may be cut in two: a lone "\r" at the end waits for what comes.
      const [text, kept] = splitOff(pieces.join(''));
      const parts = text.replaceAll(/\r\n?/g, '\n').split('\n\n');
      pieces = [`${parts.pop() ?? ''}${kept}`];
      for (const part of parts) {
        const frame = frameOf(part);
        if (frame) yield frame;
      }
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

function splitOff(text: string): readonly [string, string] {
  return text.endsWith('\r') ? [text.slice(0, -1), '\r'] : [text, ''];
}

/** Undefined for a comment. */
function frameOf(text: string): Frame | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    const before = fields.get(name);
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
  }
  const data = fields.get('data');
  const id = fields.get('id');
  if (data === undefined) return undefined;
  return { event: fields.get('event') ?? 'message', data, ...(id === undefined ? {} : { id }) };
}
