/**
 * One test per mistake: the model server answers it with 400, with OpenAI's sentence word for word,
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
}

export function refuses(cases: readonly Case[]): void {
  let server: ModelServer;
  before(async () => {
    server = await startModelServer();
  });
  after(() => server.close());

  for (const { title, sent, message, param = null, code = null } of cases) {
    it(title, async () => {
      const accepted = server.requests.length;
      const { status, answer } = await post(server, sent);
      const error = { message, type: 'invalid_request_error', param, code };
      assert.deepEqual(answer, { error });
      assert.equal(status, 400);
      const noted = server.refusals.at(-1);
      assert.deepEqual([noted?.status, noted?.message, noted?.code], [400, message, code]);
      assert.equal(server.requests.length, accepted);
    });
  }
}
