/**
 * Loaded before all else, by `--import`: plants faults in the source as it is read, so that a test can
 * be seen to fail. Nothing is written to a file.
 *
 * Environment: PLANTED, names of faults, joined by commas.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** One piece of a source file, and what stands there instead. */
interface Fault {
  readonly file: string;
  readonly is: string;
  readonly becomes: string;
}

const assertionOf = (file: string, name: string): Fault => ({
  file,
  is: `export function ${name}(`,
  becomes: `export function ${name}() {}\nfunction unused(`,
});

const faults: Readonly<Record<string, readonly Fault[]>> = {
  'no guard in the chart': [
    {
      file: 'machines/agent.ts',
      is: 'everyToolCallAnswered: ({ context }) => context.openCalls.length === 0,',
      becomes: 'everyToolCallAnswered: () => true,',
    },
  ],
  'no trigger in the database': [
    {
      file: 'src/stores/sqlite-tables.ts',
      is: "WHEN NEW.kind = 'callModel' AND EXISTS",
      becomes: 'WHEN 0 AND EXISTS',
    },
  ],
  // A transcript cannot hold a call without its result; here it can, and the drivers leave out
  // the result that is not there.
  'open calls in transcripts': [
    {
      file: 'src/stores/sqlite-rows.ts',
      is: 'if (result == null || id == null',
      becomes: 'if (id == null',
    },
    {
      file: 'src/models/chat/request.ts',
      is: '...message.calls.map(({ id, result }) =>',
      becomes: '...message.calls.filter(({ result }) => result != null).map(({ id, result }) =>',
    },
    {
      file: 'src/models/responses/request.ts',
      is: 'new Map(calls.map(',
      becomes: 'new Map(calls.filter(({ result }) => result != null).map(',
    },
  ],
  'no assertion before a request': [
    assertionOf('src/models/sendable.ts', 'assertSendable'),
    assertionOf('src/models/responses/sendable.ts', 'assertResponsesSendable'),
  ],
};

const root = new URL('../../', import.meta.url);
const planted = (process.env['PLANTED'] ?? '').split(',').flatMap((name) => {
  const found = faults[name];
  if (!found) throw new Error(`There is no fault "${name}".`);
  return found;
});

registerHooks({
  load(url, context, nextLoad) {
    const here = planted.filter(({ file }) => new URL(file, root).href === url);
    if (here.length === 0) return nextLoad(url, context);
    const source = here.reduce(
      (text, { file, is, becomes }) => {
        if (!text.includes(is)) throw new Error(`"${file}" has nowhere to plant: ${is}`);
        return text.replace(is, () => becomes);
      },
      readFileSync(fileURLToPath(url), 'utf8'),
    );
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
