/** The pictures of the charts are the charts': drawn again, they are the same. */
import { test } from 'node:test';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { chartMermaid } from '../../src/charts/mermaid.ts';
import { assertPart } from '../kit/page.ts';

function picture(chart: AnyStateMachine): string {
  return `\`\`\`mermaid\n${chartMermaid(chart)}\n\`\`\`\n`;
}

function row(state: AnyStateNode): string[] {
  const own = `| \`${state.path.join('.')}\` | ${state.description} |\n`;
  return [own, ...Object.values(state.states).flatMap(row)];
}

for (const chart of [agentMachine, toolCallMachine] as AnyStateMachine[]) {
  test(`the charts' page shows the chart ${chart.id} as it is`, () => {
    const rows = Object.values(chart.root.states).flatMap(row).join('');
    const table = `| state | what it is |\n|---|---|\n${rows}`;
    assertPart('machines/README.md', `chart: ${chart.id}`, `\n${picture(chart)}\n${table}\n`);
  });
}

test('the README shows the chart of an agent as it is', () => {
  assertPart('README.md', 'chart', picture(agentMachine));
});
