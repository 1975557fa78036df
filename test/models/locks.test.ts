/**
 * The assertion before every request against the strict server: whatever the server refuses, the
 * assertion has refused before, and what the drivers write themselves neither refuses.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RunError } from '../../src/index.ts';
import { capabilitiesOf } from '../../src/models/capabilities.ts';
import { chatRequest } from '../../src/models/chat/request.ts';
import type { ModelRequest } from '../../src/models/model.ts';
import { samplingOf } from '../../src/models/options.ts';
import { writtenItems } from '../../src/models/responses/driver.ts';
import { responsesRequest } from '../../src/models/responses/request.ts';
import {
  assertResponsesSendable,
  type ResponsesWire,
} from '../../src/models/responses/sendable.ts';
import { assertSendable, type WireRequest } from '../../src/models/sendable.ts';
import { judgeRequest } from '../../src/testing/judge-request.ts';
import { judgeResponses } from '../../src/testing/judge-responses.ts';
import { Refused } from '../../src/testing/refused.ts';
import { type Harm, harmed, harms, model, requests } from './transcripts.ts';

const numRuns = 2_500;
const sampling = samplingOf({ parallelToolCalls: false });
const capabilities = capabilitiesOf('openai');

/** What the server says to a request; undefined if it takes it. */
function serverRefusal(judge: (text: string) => unknown, request: object): string | undefined {
  try {
    judge(JSON.stringify(request));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error.message;
  }
}

/** The rule that a request breaks; undefined if it can be sent. */
function brokenRule(check: () => void): unknown {
  try {
    check();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RunError, String(error));
    return error.details['rule'];
  }
}

const wires = {
  chat: {
    list: 'messages',
    write: (request: ModelRequest) =>
      chatRequest(model, request, sampling, capabilities, new Set()),
    judge: judgeRequest,
    check: (request: object) => assertSendable(request as WireRequest),
  },
  responses: {
    list: 'input',
    write: (request: ModelRequest) =>
      responsesRequest(model, request, sampling, capabilities, new Set()),
    judge: judgeResponses,
    check: (request: object, { transcript }: ModelRequest) =>
      assertResponsesSendable(request as ResponsesWire, writtenItems(model, transcript)),
  },
} as const;

for (const [name, { list, write, judge, check }] of Object.entries(wires)) {
  test(`${name}: what a driver writes is refused by neither`, () => {
    const sent = (request: ModelRequest) => {
      const wire = write(request);
      assert.equal(
        brokenRule(() => check(wire, request)),
        undefined,
      );
      assert.equal(serverRefusal(judge, wire), undefined);
    };
    void fc.assert(fc.property(requests, sent), { numRuns });
  });

  test(`${name}: what the server would refuse is not sent`, () => {
    let refusals = 0;
    const agree = (request: ModelRequest, done: readonly Harm[]) => {
      const wire = harmed({ ...write(request) }, list, done);
      const said = serverRefusal(judge, wire);
      const rule = brokenRule(() => check(wire, request));
      if (said === undefined) return;
      refusals += 1;
      assert.notEqual(rule, undefined, said);
    };
    void fc.assert(fc.property(requests, harms, agree), { numRuns });
    assert.ok(refusals > numRuns / 3, `${refusals} of ${numRuns} were refused`);
  });
}
