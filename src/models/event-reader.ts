/** Reads server-sent events out of bytes, however the bytes are cut into chunks. */
import { StringDecoder } from 'node:string_decoder';

/** One event of a stream. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

export class EventReader {
  readonly #decoder = new StringDecoder('utf8');
  /** The line that has not ended yet. */
  #rest = '';
  /** Whether a line feed that comes next belongs to the carriage return before it. */
  #returned = false;
  #begun = false;
  #name = '';
  #data: string | undefined;

  /** Takes a chunk, and returns the events that end in it. */
  add(bytes: Uint8Array): ServerEvent[] {
    const chunk = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#read(this.#decoder.write(chunk));
  }

  /** Returns the event that lacks only its blank line: some servers leave the last one out. */
  end(): ServerEvent[] {
    return this.#read(`${this.#decoder.end()}\n\n`);
  }

  #read(piece: string): ServerEvent[] {
    const text = this.#returned && piece.startsWith('\n') ? piece.slice(1) : piece;
    if (piece !== '') this.#returned = piece.endsWith('\r');
    const returns = text.includes('\r');
    // A line that never ends is put together once, not with every chunk.
    if (!returns && !text.includes('\n')) {
      this.#rest += text;
      return [];
    }
    const lines = (this.#rest + text).split(returns ? /\r\n|\n|\r/ : '\n');
    this.#rest = lines.pop() ?? '';
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line !== '') this.#take(line);
      else if (this.#data === undefined) this.#name = '';
      else events.push(this.#dispatch(this.#data));
    }
    return events;
  }

  #take(raw: string): void {
    const line = this.#begun || !raw.startsWith('\uFEFF') ? raw : raw.slice(1);
    this.#begun = true;
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field !== 'data' && field !== 'event') return;
    const from = line[colon + 1] === ' ' ? colon + 2 : colon + 1;
    const value = colon === -1 ? '' : line.slice(from);
    if (field === 'event') this.#name = value;
    else this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #dispatch(data: string): ServerEvent {
    const name = this.#name;
    this.#name = '';
    this.#data = undefined;
    return { name, data };
  }
}
