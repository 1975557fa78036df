/** Loaded before the real server: tells what its process holds, on a socket of its own. */
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

createServer((_, response) => {
  collect();
  const descriptors = readdirSync('/proc/self/fd').length;
  const heap = process.memoryUsage().heapUsed;
  response.setHeader('connection', 'close').end(JSON.stringify({ descriptors, heap }));
})
  .listen(process.env['FIGURES'])
  .unref();
