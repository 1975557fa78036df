/** Lists of the SQLite store: its runs, and what was said in one. */
import type { Database, Statement } from 'better-sqlite3';
import type { Path } from '../../machines/vocabulary.ts';
import type { AgentMessages, KnownCall, NumberedMessage, RunFilter } from './lists.ts';
import { ofTenant, type Row, runOf } from './sqlite-rows.ts';
import type { Store } from './store.ts';

export function prepareLists(db: Database): Pick<Store, 'listRuns' | 'messages' | 'result'> {
  const runs = preparePages(
    db,
    (where) => `
    SELECT * FROM run WHERE tenant_id = @tenantId AND number < coalesce(
        (SELECT number FROM run WHERE id = @after AND tenant_id = @tenantId), ${afterAll}) ${where}
    ORDER BY number DESC LIMIT @limit`,
  );
  const result = db
    .prepare(`SELECT result FROM tool_call WHERE ${ofTenant} AND path = @call`)
    .pluck();
  return {
    listRuns: async (tenantId, { sessionId, team, status, messageId, after, limit }: RunFilter) =>
      runs(
        {
          'session_id = @sessionId': sessionId,
          'team = @team': team,
          'status = @status': status,
          [ofMessage]: messageId,
        },
        { tenantId, sessionId, team, status, messageId, after, limit },
      ).map(runOf),
    messages: prepareMessages(db),
    result: async (tenantId, runId, call) =>
      (result.get({ tenantId, runId, call }) as string | null | undefined) ?? undefined,
  };
}

/** Alone, or joined with others. */
const ofMessage = `id IN (
  SELECT id FROM run WHERE tenant_id = @tenantId AND message_id = @messageId
  UNION ALL SELECT run_id FROM joined_message WHERE message_id = @messageId)`;

/** More than any number of a row. */
const afterAll = '9223372036854775807';

/** What a page is asked by; undefined where it does not matter. */
type Given = Readonly<Record<string, string | number | undefined>>;

/**
 * Reads pages by statements that say only what is asked for: one that says `@x IS NULL OR …` as well
 * is given no index.
 *
 * @param sql a page's statement with more conditions, each after an AND
 */
export function preparePages(db: Database, sql: (where: string) => string) {
  const prepared = new Map<string, Statement>();
  return (conditions: Given, { after = null, limit = 50, ...given }: PageGiven): Row[] => {
    const asked = Object.entries(conditions).filter(([, value]) => value !== undefined);
    const where = asked.map(([condition]) => `AND ${condition}`).join(' ');
    const statement = prepared.get(where) ?? db.prepare(sql(where));
    prepared.set(where, statement);
    return statement.all({ ...given, after, limit: Math.min(Math.max(limit, 0), 200) }) as Row[];
  };
}

type PageGiven = Given & {
  readonly after?: string | null | undefined;
  readonly limit?: number | undefined;
};

function prepareMessages(db: Database): Store['messages'] {
  // In the order in which agents first asked their models, the leader first.
  const agents = db.prepare(`
    SELECT path, name, min(at) AS began FROM effect
    WHERE ${ofTenant} AND kind = 'callModel' AND (@agent IS NULL OR path = @agent)
    GROUP BY path ORDER BY path <> '', began, path`);
  const messages = db.prepare(`
    SELECT seq, role, text FROM message WHERE ${ofTenant} AND agent = @agent ORDER BY seq`);
  const calls = db.prepare(`
    SELECT message_seq, id, name, arguments, raw_name, raw_arguments, result, source FROM tool_call
    WHERE ${ofTenant} AND agent = @agent ORDER BY message_seq, position`);
  return async (tenantId, runId, agent) => {
    const run = { tenantId, runId };
    const found = agents.all({ ...run, agent: agent ?? null }) as { path: Path; name: string }[];
    return found.map(
      ({ path, name }): AgentMessages => ({
        path,
        agent: name,
        messages: numbered(
          messages.all({ ...run, agent: path }) as Row[],
          calls.all({ ...run, agent: path }) as (Row & KnownCall)[],
        ),
      }),
    );
  };
}

function numbered(messages: readonly Row[], calls: readonly (Row & KnownCall)[]) {
  const byMessage = Map.groupBy(calls, (call) => call['message_seq']);
  return messages.map((message): NumberedMessage => {
    const number = message['seq'] as number;
    const text = message['text'] as string | null;
    if (message['role'] === 'user') return { number, role: 'user', text: text ?? '' };
    const own = (byMessage.get(number) ?? []).map(knownCall);
    return { number, role: 'assistant', text, calls: own };
  });
}

function knownCall(row: Row & KnownCall): KnownCall {
  const { id, name, arguments: args, raw_name, raw_arguments, result, source } = row;
  return {
    id,
    name,
    arguments: args,
    ...(typeof raw_name === 'string' ? { rawName: raw_name } : {}),
    ...(typeof raw_arguments === 'string' ? { rawArguments: raw_arguments } : {}),
    result,
    source,
  };
}
