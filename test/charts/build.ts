/** Draws the charts anew, into the file that is committed: `npm run build:charts`. */
import { writeFileSync } from 'node:fs';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { drawingOf } from './layout.ts';

const drawings = {
  agent: await drawingOf(agentMachine),
  toolCall: await drawingOf(toolCallMachine),
};
const file = new URL('../../src/charts/drawings.json', import.meta.url);
writeFileSync(file, JSON.stringify(drawings, null, 2));
