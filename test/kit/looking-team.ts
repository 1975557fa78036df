/** A team whose member asks, and then looks with a tool that fails. What anybody says is a secret. */
import { trace } from '@opentelemetry/api';
import * as z from 'zod';
import { defineAgent, defineTeam, defineTool, getUserInput, openai } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { ask, delegate } from './turns.ts';

/** Pauses once, and fails once. */
export const agents = {
  OrchestratorTeam: [[delegate('d', 'WorkerAgent', 'TASK-SECRET')], 'REPORT-SECRET'],
  WorkerAgent: [[ask('q', 'city')], [call('look', { at: 'ARGUMENT-SECRET' }, 'l')], 'REPLY-SECRET'],
};

export function teams(baseURL: string) {
  const model = openai('gpt-4o-mini', { baseURL, apiKey: 'KEY-SECRET' });
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.object({ at: z.string() }),
    execute: ({ at }) => {
      // A span of the tool's own goes below the tool's.
      trace.getTracer('test').startSpan('inside').end();
      throw new TypeError(`RESULT-SECRET ${at}`);
    },
  });
  const worker = defineAgent({
    name: 'WorkerAgent',
    role: 'r',
    model,
    tools: [getUserInput(), look],
  });
  return [defineTeam({ name: 'OrchestratorTeam', model, members: [worker] })];
}
