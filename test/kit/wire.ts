/** Speaks to a server as a front end does, and holds every answer against the contract. */
import { checkAnswer } from './contract.ts';

/** A question as the server shows it. */
export interface WireQuestion {
  readonly id: string;
  readonly asked_by: string;
  readonly tool_call_id: string;
  readonly reason: string;
  readonly prompt: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly required?: boolean;
    readonly choices?: readonly string[];
    readonly descriptions?: Readonly<Record<string, string>>;
    readonly schema?: unknown;
  }[];
  readonly tool_name: string;
  readonly arguments: string;
  readonly arguments_hash: string;
  readonly status: string;
  readonly expires_at?: string;
  readonly on_expiry?: unknown;
  readonly assignee?: string;
  readonly claimed_by?: string;
  readonly answer?: unknown;
  readonly answered_by?: string | null;
}

/** A body of the server: a run, or a problem. */
export interface WireBody {
  readonly run_id: string;
  readonly session_id?: string;
  readonly status: string | number;
  readonly is_paused?: boolean;
  readonly questions?: readonly WireQuestion[];
  readonly queries?: readonly { query: string; field_name: string; question_id: string }[];
  readonly final_content?: string;
  /** Why a run failed, and what was done until then. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly content?: string;
  readonly usage?: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

export interface Answered {
  readonly status: number;
  readonly body: WireBody;
}

export async function post(url: string, path: string, body: unknown): Promise<Answered> {
  return send<WireBody>(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export async function fetchRun(url: string, runId: string): Promise<WireBody> {
  return (await request<WireBody>(url, 'GET', `/runs/${runId}`)).body;
}

/** A request without a body; `T` is what the caller knows of the answer. */
export async function request<T>(
  url: string,
  method: string,
  path: string,
): Promise<{ readonly status: number; readonly body: T }> {
  return send<T>(url, path, { method });
}

async function send<T>(url: string, path: string, init: RequestInit & { readonly method: string }) {
  const response = await fetch(url + path, init);
  const { status, headers } = response;
  const text = await response.text();
  checkAnswer(init.method, path, { status, headers, text });
  return { status, body: JSON.parse(text) as T };
}
