/** The charts as they are drawn and given away: the machines' own, and fit to be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyStateMachine, createMachine } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { type Box, type ChartNode, chartOf, machineJson } from '../../src/index.ts';
import { browserPage } from '../kit/browser.ts';
import { sketchOf } from './layout.ts';
import { svgOf } from './svg.ts';

const charts = { agent: agentMachine, toolCall: toolCallMachine } as const;

function isInside(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function overlap(a: Box, b: Box): boolean {
  const across = a.x < b.x + b.width && b.x < a.x + a.width;
  return across && a.y < b.y + b.height && b.y < a.y + a.height;
}

for (const kind of ['agent', 'toolCall'] as const) {
  const chart: AnyStateMachine = charts[kind];
  const { nodes, edges, width, height } = chartOf(kind);
  const byId = new Map<string, ChartNode>(nodes.map((node) => [node.id, node]));

  test(`the drawing of ${kind} has the states and transitions of the machine`, () => {
    const { nodes: states, edges: arrows } = sketchOf(chart);
    const drawn = {
      nodes: nodes.map(({ x: _x, y: _y, width: _w, height: _h, ...node }) => node),
      edges: edges.map(({ label, points: _, ...edge }) => ({ ...edge, lines: label?.lines ?? [] })),
    };
    const outOfDate = 'the drawing is out of date: run npm run build:charts';
    assert.deepEqual(drawn, { nodes: states, edges: arrows }, outOfDate);
  });

  test(`the boxes of ${kind} lie inside those that contain them, and beside the others`, () => {
    const whole = { x: 0, y: 0, width, height };
    for (const node of nodes) {
      const outer = node.parent === null ? whole : byId.get(node.parent);
      assert.ok(outer && isInside(node, outer), `${node.id} sticks out`);
      const others = nodes.filter(({ id, parent }) => id !== node.id && parent === node.parent);
      for (const other of others) assert.ok(!overlap(node, other), `${node.id} on ${other.id}`);
    }
    const small = nodes.filter((node) => node.kind !== 'group');
    const labels = edges.flatMap(({ label }) => label ?? []);
    for (const [index, label] of labels.entries()) {
      const text = label.lines.join();
      assert.ok(isInside(label, whole), `${text} sticks out`);
      for (const node of small) assert.ok(!overlap(label, node), `${text} on ${node.id}`);
      for (const other of labels.slice(index + 1)) {
        assert.ok(!overlap(label, other), `${text} on ${other.lines.join()}`);
      }
    }
  });

  test(`each arrow of ${kind} leads from the border of its state to that of its target`, () => {
    const isAt = (point: { x: number; y: number } | undefined, id: string) => {
      const box = byId.get(id);
      assert.ok(point && box);
      const near = { x: box.x - 1, y: box.y - 1, width: box.width + 2, height: box.height + 2 };
      const deep = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
      const dot = { ...point, width: 0, height: 0 };
      return isInside(dot, near) && !isInside(dot, deep);
    };
    for (const { from, to, points } of edges) {
      assert.ok(isAt(points[0], from), `${from} > ${to} begins elsewhere`);
      assert.ok(isAt(points.at(-1), to), `${from} > ${to} ends elsewhere`);
    }
  });

  test(`in a browser every text of ${kind} fits the box that it has`, async (t) => {
    const page = await browserPage(t);
    if (!page) return;
    await page.setContent(svgOf(chartOf(kind)));
    const texts = await page.locator('text').evaluateAll((list) =>
      list.map((text) => {
        const box = text.closest('g')?.querySelector('rect')?.getBoundingClientRect();
        const own = text.getBoundingClientRect();
        return {
          text: text.textContent,
          fits: box !== undefined && own.left >= box.left && own.right <= box.right,
        };
      }),
    );
    assert.ok(texts.length > nodes.length);
    assert.deepEqual(
      texts.filter(({ fits }) => !fits),
      [],
    );
  });

  test(`the JSON of ${kind} makes a machine with the same states and transitions`, () => {
    const text = JSON.stringify(machineJson(kind));
    assert.ok(!text.includes('function'));
    const again = createMachine(JSON.parse(text));
    assert.deepEqual(sketchOf(again), sketchOf(chart));
    assert.deepEqual(Object.keys(JSON.parse(text)).includes('id'), true);
  });
}
