/** Reading server-sent events from pieces, as other servers and proxies may cut them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFrames } from '../../client/frames.ts';

test('a line break that is cut in two is one, after others in the same piece too', async () => {
  const pieces = ['data: a\r\n\r\ndata: b\r', '\ndata: c\r\n\r\n'];
  const body = ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
  const seen: string[] = [];
  for await (const { data } of readFrames(body, () => undefined)) seen.push(data);
  assert.deepEqual(seen, ['a', 'b\nc']);
});
