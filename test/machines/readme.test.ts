/** The pictures in `machines/README.md` are the charts': drawn again, they are the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { chartMermaid } from '../../src/charts/mermaid.ts';

const readme = readFileSync(new URL('../../machines/README.md', import.meta.url), 'utf8');

/** What stands between the markers of a chart: its picture, and what its states are. */
function section(chart: AnyStateMachine): string {
  const rows = Object.values(chart.root.states).flatMap((state) => row(state));
  const table = ['| state | what it is |', '|---|---|', ...rows].join('\n');
  return `\n\n\`\`\`mermaid\n${chartMermaid(chart)}\n\`\`\`\n\n${table}\n\n`;
}

function row(state: AnyStateNode): string[] {
  const own = `| \`${state.path.join('.')}\` | ${state.description} |`;
  return [own, ...Object.values(state.states).flatMap(row)];
}

for (const chart of [agentMachine, toolCallMachine] as AnyStateMachine[]) {
  test(`the README shows the chart ${chart.id} as it is`, () => {
    const [begin, end] = [`<!-- chart: ${chart.id} -->`, `<!-- end: ${chart.id} -->`];
    const shown = readme.split(begin)[1]?.split(end)[0];
    const drawn = section(chart);
    // On its own lines, since a test's message is printed indented and could not be pasted.
    if (shown !== drawn) console.error(`${begin}${drawn}${end}`);
    assert.ok(
      shown === drawn,
      `Put what is printed above for ${chart.id} into machines/README.md.`,
    );
  });
}
