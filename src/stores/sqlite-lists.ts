/** Lists of the SQLite store: its runs, and what was said in one. */
import type { Database } from 'better-sqlite3';
import type { Path } from '../../machines/vocabulary.ts';
import type { AgentMessages, KnownCall, NumberedMessage, RunFilter } from './lists.ts';
import { ofTenant, type Row, runOf } from './sqlite-rows.ts';
import type { Store } from './store.ts';

export function prepareLists(db: Database): Pick<Store, 'listRuns' | 'messages'> {
  const runs = db.prepare(`
    SELECT * FROM run
    WHERE tenant_id = @tenantId AND (@after IS NULL OR number <
        (SELECT number FROM run WHERE id = @after AND tenant_id = @tenantId))
      AND (@sessionId IS NULL OR session_id = @sessionId)
      AND (@team IS NULL OR team = @team)
      AND (@status IS NULL OR status = @status)
    ORDER BY number DESC LIMIT @limit`);
  return {
    listRuns: async (tenantId, filter: RunFilter) => {
      const { sessionId = null, team = null, status = null, after = null, limit = 50 } = filter;
      const given = {
        tenantId,
        sessionId,
        team,
        status,
        after,
        limit: Math.min(Math.max(limit, 0), 200),
      };
      return (runs.all(given) as Row[]).map(runOf);
    },
    messages: prepareMessages(db),
  };
}

function prepareMessages(db: Database): Store['messages'] {
  // In the order in which agents first asked their models, the leader first.
  const agents = db.prepare(`
    SELECT path, name, min(at) AS began FROM effect
    WHERE ${ofTenant} AND kind = 'callModel' AND (@agent IS NULL OR path = @agent)
    GROUP BY path ORDER BY path <> '', began, path`);
  const messages = db.prepare(`
    SELECT seq, role, text FROM message WHERE ${ofTenant} AND agent = @agent ORDER BY seq`);
  const calls = db.prepare(`
    SELECT message_seq, id, name, arguments, result, source FROM tool_call
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
    const own = (byMessage.get(number) ?? []).map(
      ({ id, name, arguments: args, result, source }): KnownCall => ({
        id,
        name,
        arguments: args,
        result,
        source,
      }),
    );
    return { number, role: 'assistant', text, calls: own };
  });
}
