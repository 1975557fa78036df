/**
 * A client whose every request meets a process that was never there before: the server is started
 * for the request, and killed with SIGKILL as soon as it was answered. `wires.ts` says where it is not.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { ModelServer, Turn } from '../../src/testing/index.ts';
import { type App, startApp } from './app.ts';
import { appHere } from './app-here.ts';
import { folderFor } from './folder.ts';
import { startStrictModel } from './strict-model.ts';
import { type Answered, post, request, type WireBody } from './wire.ts';
import { startsAfresh } from './wires.ts';

export interface FreshClientOptions {
  /** The team's module, as a path from the repository's root. */
  readonly team?: string;
  readonly agents?: Readonly<Record<string, readonly Turn[]>>;
  /** Whether a tool of the team ends its process, which then has to be one of its own. */
  readonly dies?: boolean;
}

export interface FreshClient {
  readonly model: ModelServer;
  /** The database file. */
  readonly db: string;
  /** Ends what answered last, where it was kept. */
  end(): Promise<void>;
  /** Answered by a process of its own. */
  post(path: string, body: unknown): Promise<Answered>;
  /** The same without a body; `T` is what the caller knows of the answer. */
  send<T = WireBody>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
  ): Promise<{ readonly status: number; readonly body: T }>;
  /** Starts a run and expects it to pause. */
  chat(message: string): Promise<WireBody>;
  /** Answers questions by id and expects 200. */
  resume(runId: string, answers: Readonly<Record<string, unknown>>): Promise<WireBody>;
  /** What tools wrote down, a line each. */
  witness(): string[];
  /** How many calls of an agent the model server answered. */
  modelCalls(agent: string): number;
}

export async function freshClient(
  t: TestContext,
  { team, agents, dies = false }: FreshClientOptions,
): Promise<FreshClient> {
  const file = folderFor(t);
  const db = file('runs.db');
  const model = await startStrictModel(agents ? { agents } : {});
  const env = { WITNESS: file('witness') };
  const served = { ...(team ? { team } : {}), db };
  const start = () =>
    startsAfresh() || dies
      ? startApp({ ...served, model: model.url, env })
      : appHere({ ...served, env: { ...env, OPENAI_BASE_URL: model.url } });
  let kept: Pick<App, 'url' | 'kill'> | undefined;
  const end = async () => {
    await kept?.kill();
    kept = undefined;
  };
  t.after(async () => {
    await end();
    await model.close();
  });
  const meet = async <T>(ask: (url: string) => Promise<T>) => {
    kept ??= await start();
    const app = kept;
    try {
      return await ask(app.url);
    } catch (error) {
      await end();
      throw error;
    } finally {
      if (startsAfresh()) await end();
    }
  };
  const send = (path: string, body: unknown) => meet((url) => post(url, path, body));
  const sendWell = async (path: string, body: unknown) => {
    const answered = await send(path, body);
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    return answered.body;
  };
  return {
    model,
    db,
    end,
    post: send,
    send: <T>(method: string, path: string) => meet((url) => request<T>(url, method, path)),
    chat: (message) => sendWell('/chat', { message }),
    resume: (runId, answers) => sendWell('/resume', { run_id: runId, answers }),
    witness: () =>
      existsSync(file('witness')) ? readFileSync(file('witness'), 'utf8').trim().split('\n') : [],
    modelCalls: (agent) => model.requests.filter((request) => request.agent === agent).length,
  };
}

/** The id of the open question that an agent asks. */
export function questionBy({ questions = [] }: WireBody, agent: string): string {
  const found = questions.filter((question) => question.asked_by.endsWith(`/${agent}`));
  assert.equal(found.length, 1, `${agent} has ${found.length} open questions`);
  return found[0]?.id ?? '';
}

/** The agents that have an open question, in order of their names. */
export function askers({ questions = [] }: WireBody): string[] {
  return questions.map(({ asked_by }) => asked_by.split('/').at(-1) ?? '').sort();
}

/** The last request of an agent, its messages as lines: `role`, ids and text. */
export function lastRequest(model: ModelServer, agent: string): string[] {
  const request = model.requests.findLast((one) => one.agent === agent);
  return ((request?.messages ?? []) as readonly WireMessage[]).slice(1).map((message) => {
    const calls = message.tool_calls?.map(({ id }) => id).join(',');
    const about = calls ?? message.tool_call_id;
    return `${message.role}${about ? `[${about}]` : ''}${message.content ? `: ${message.content}` : ''}`;
  });
}

interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}
