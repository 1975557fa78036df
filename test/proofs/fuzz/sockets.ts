/** Speaks HTTP as nobody should, over real sockets: what comes back is a refusal, or nothing. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type Dice, dice } from './dice.ts';

const body = '{"message":"x","colour":"red"}';
const head = (host: string) =>
  `POST /chat HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;

/** Each is wrong in one way; nothing in any of them may start a run. */
const malformed: readonly ((host: string) => string)[] = [
  () => 'GARBAGE\r\n\r\n',
  () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  () => 'GET / HTTP/9.9\r\n\r\n',
  () => 'GET  /health  HTTP/1.1\r\n\r\n',
  () => 'GET /health HTTP/1.1\r\n\r\n',
  () => `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`,
  () => 'GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  () => 'GET /health HTTP/1.1\r\nHost: a b/c@d:99999999\r\n\r\n',
  (host) => `GET http://evil.example/health HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  () => 'CONNECT evil.example:80 HTTP/1.1\r\n\r\n',
  (host) => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  (host) => `TRACE /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  (host) => `GET //health HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  (host) => `GET /runs/%00%ff%zz/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  (host) => `GET /runs?after=\xff\xfe HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  (host) => `GET /../../../etc/passwd HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nX: a\0b\r\n\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nLast-Event-ID: \x7f\r\n\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\n folded: header\r\n\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
  (host) =>
    `GET /health HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n`,
  (host) => `${head(host)}Content-Length: -1\r\n\r\n${body}`,
  (host) => `${head(host)}Content-Length: 5, 6\r\n\r\n${body}`,
  (host) => `${head(host)}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${body}`,
  (host) => `${head(host)}Content-Length: 99999999999\r\n\r\n${body}`,
  (host) => `${head(host)}Content-Length: 1000\r\n\r\n${body}`,
  (host) => `${head(host)}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${body}`,
  (host) => `${head(host)}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
  (host) => `${head(host)}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n${body}`,
  (host) => `${head(host)}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  (host) =>
    `${head(host)}Transfer-Encoding: chunked\r\n\r\n200000\r\n${'x'.repeat(0x200000)}\r\n0\r\n\r\n`,
  (host) => `${head(host)}Expect: 100-continue\r\nContent-Length: 30\r\n\r\n${body}`,
  (host) => `${head(host)}Expect: nonsense\r\nContent-Length: 30\r\n\r\n${body}`,
  (host) => `${head(host)}Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n${body}`,
  (host) =>
    `${head(host)}Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 30\r\n\r\n${body}`,
];

/**
 * Sends malformed requests to a server, so many at once.
 *
 * @param url of a server that takes requests of this machine only
 */
export async function speakBadly(url: string, requests: number, seed: number): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const atOnce = 20;
  for (let index = 0; index < requests; index += atOnce) {
    const size = Math.min(atOnce, requests - index);
    await Promise.all(
      Array.from({ length: size }, async (_, one) => {
        const number = index + one;
        const chances = dice(seed + number);
        const text = malformed[number % malformed.length]?.(host) ?? '';
        const sent = number < malformed.length ? Buffer.from(text, 'latin1') : bent(chances, text);
        check(sent, await exchange(hostname, Number(port), sent, chances));
      }),
    );
  }
}

/** Some bytes changed, left out, or said again. Chance makes no request good that was not. */
function bent(dice: Dice, text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const at = dice.below(bytes.length);
  const kind = dice.below(4);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes]);
  if (kind === 2) bytes[at] = dice.below(256);
  return bytes;
}

/** What a server says until it, or this client, has enough. */
function exchange(host: string, port: number, bytes: Buffer, dice: Dice): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, host);
    // Requests that lack their end are given up, by a clean end or by a reset.
    const patience = setTimeout(
      () => (dice.oneIn(2) ? socket.resetAndDestroy() : socket.end()),
      60,
    );
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(said);
    });
    socket.write(bytes);
  });
}

function check(sent: Buffer, said: string): void {
  const shown = `${sent.toString('latin1').slice(0, 300)} → ${said.slice(0, 600)}`;
  for (const [, status] of said.matchAll(/(?:^|\r\n)HTTP\/1\.1 (\d{3})/g)) {
    assert.ok(Number(status) < 500, shown);
  }
  assert.doesNotMatch(said, /node_modules|\.ts:\d+/, shown);
  const isProblem = /^HTTP\/1\.1 4\d\d.*?\r\n\r\n\{/s.test(said);
  if (isProblem) assert.match(said, /content-type: application\/problem\+json/i, shown);
}
