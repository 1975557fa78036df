/**
 * One test per mistake: the model server answers it with an error, with OpenAI's sentence word for word,
 * and notes it.
 */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ModelServer, startModelServer } from '../../src/testing/index.ts';
import { post } from './requests.ts';

export interface Case {
  title: string;
  sent: unknown;
  message: string;
  param?: string;
  code?: string;
  /** Default: 400. */
  status?: number;
}

export function refuses(cases: readonly Case[], send = post): void {
  let server: ModelServer;
  before(async () => {
    server = await startModelServer();
  });
  after(() => server.close());

  for (const { title, sent, message, param = null, code = null, status: expected = 400 } of cases) {
    it(title, async () => {
      const accepted = server.requests.length;
      const { status, answer } = await send(server, sent);
      const error = { message, type: 'invalid_request_error', param, code };
      assert.deepEqual(answer, { error });
      assert.equal(status, expected);
      const noted = server.refusals.at(-1);
      assert.deepEqual([noted?.status, noted?.message, noted?.code], [expected, message, code]);
      assert.equal(server.requests.length, accepted);
    });
  }
}
