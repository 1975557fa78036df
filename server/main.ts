/** `npm start [-- [team.ts] [--inspect]]`: see `serve.ts`. */
import { parseArgs } from 'node:util';
import { serve } from './serve.ts';

try {
  const options = { inspect: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  await serve({ team: positionals[0], inspect: values.inspect });
} catch (error) {
  console.error(`${(error as Error).message} Use: npm start -- [team.ts] [--inspect]`);
  process.exitCode = 1;
}
