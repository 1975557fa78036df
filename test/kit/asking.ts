/** A team whose only agent asks for approval, and a runtime that tells of it. */
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import * as z from 'zod';
import {
  type Agent,
  defineAgent,
  defineTool,
  openai,
  type RuntimeOptions,
} from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { testRuntime } from './runtime.ts';

/** Asks whether it may pay, and ends. */
export const askingTurns: Readonly<Record<string, readonly Turn[]>> = {
  Solo: [[call('pay', { amount: 7 }, 'p')], 'done'],
};

/** The team of `askingTurns`. */
export function askingTeam(baseURL: string, remindAfterMs?: number, remember = false): Agent[] {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ amount: z.int() }),
    approval: 'always',
    remember,
    ...(remindAfterMs === undefined ? {} : { remindAfterMs }),
    execute: ({ amount }) => `paid ${amount}`,
  });
  const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
  return [defineAgent({ name: 'Solo', model, tools: [pay] })];
}

export interface AskingOptions extends Pick<RuntimeOptions, 'hooks' | 'webhooks'> {
  readonly remindAfterMs?: number;
}

/** A runtime of the team, with hooks or webhooks. */
export async function askingRuntime(t: TestContext, { remindAfterMs, ...options }: AskingOptions) {
  return testRuntime(t, askingTurns, (url) => askingTeam(url, remindAfterMs), options);
}

export interface DeliveryRow {
  readonly id: string;
  readonly target: string;
  readonly type: string;
  readonly status: string;
  readonly attempt: number;
  readonly error: string | null;
}

/** What the file says of deliveries, ordered by id. */
export function deliveriesIn(file: string): DeliveryRow[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT * FROM delivery ORDER BY id').all() as DeliveryRow[];
  } finally {
    db.close();
  }
}

/** Waits until something holds; a test that is over waits no longer. */
export async function until({ signal }: TestContext, holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5, undefined, { signal });
}
