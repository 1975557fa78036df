/** What the runtimes of all tenants share. */
import type { Callers } from './callers.ts';
import type { Agent } from './define/agent.ts';
import type { Engine } from './engine.ts';
import type { LogReaders } from './log-readers.ts';
import type { Requests } from './once.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import type { TenantStore } from './stores/tenant-store.ts';
import type { TakeUp } from './take-up.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface Core {
  readonly store: TenantStore;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly dependencies: Readonly<Record<string, unknown>>;
  readonly mayAnswer: RuntimeOptions['mayAnswer'];
  readonly engine: Engine;
  readonly takeUp: TakeUp;
  readonly readers: LogReaders;
  readonly requests: Requests;
  readonly callers: Callers;
  readonly telemetry: Telemetry;
  readonly isClosed: () => boolean;
}
