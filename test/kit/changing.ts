/** A runtime whose code changes between two openings of one file. */
import type { TestContext } from 'node:test';
import Database from 'better-sqlite3';
import {
  createRuntime,
  type Migrate,
  openai,
  type RequestError,
  type Runtime,
  sqliteStore,
} from '../../src/index.ts';
import type { ModelServer, Turn } from '../../src/testing/index.ts';
import { changingTeam, type Version } from '../teams/changing.ts';
import { folderFor } from './folder.ts';
import { startStrictModel } from './strict-model.ts';

export interface ChangingRuntime {
  readonly model: ModelServer;
  readonly db: string;
  /** Codes and messages of what was reported by the runtime that is open. */
  readonly reported: string[];
  /** Closes the runtime and opens one with this version of the team. */
  open(version?: Version, migrate?: Migrate): Promise<Runtime>;
  close(): Promise<void>;
}

export async function changingRuntime(
  t: TestContext,
  agents: Readonly<Record<string, readonly Turn[]>>,
): Promise<ChangingRuntime> {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel({ agents });
  const reported: string[] = [];
  let runtime: Runtime | undefined;
  const close = async () => runtime?.close({ graceMs: 0 });
  t.after(async () => {
    await close();
    await model.close();
  });
  return {
    model,
    db,
    reported,
    close: async () => void (await close()),
    open: async (version, migrate) => {
      await close();
      reported.length = 0;
      runtime = await createRuntime({
        teams: [changingTeam(openai('gpt-4o-mini', { baseURL: model.url }), version)],
        store: sqliteStore(db),
        onError: (error) => reported.push(`${(error as RequestError).code}: ${String(error)}`),
        ...(migrate ? { migrate } : {}),
      });
      return runtime;
    },
  };
}

/** Every row of every table, in order. */
export function rowsOf(file: string): Readonly<Record<string, unknown[]>> {
  const db = new Database(file, { readonly: true });
  try {
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck()
      .all() as string[];
    return Object.fromEntries(
      tables.map((table) => [table, db.prepare(`SELECT * FROM "${table}"`).all()]),
    );
  } finally {
    db.close();
  }
}
