/** A drawing as SVG, to be looked at. A page draws its own. */
import type { ChartDrawing, ChartEdge, ChartNode } from '../../src/charts/drawing.ts';

export function svgOf({ width, height, nodes, edges }: ChartDrawing): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="system-ui, sans-serif">
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#5b6472"/></marker></defs>
<rect width="${width}" height="${height}" fill="#fff"/>
${[...nodes.map(nodeSvg), ...edges.map(lineSvg), ...edges.map(labelSvg)].join('\n')}
</svg>`;
}

function nodeSvg({ kind, label, x, y, width, height, description }: ChartNode): string {
  if (kind === 'start')
    return `<circle cx="${x + width / 2}" cy="${y + height / 2}" r="${width / 2}" fill="#333"/>`;
  const [fill, stroke] = kind === 'group' ? ['#f4f6fa', '#aab4c4'] : ['#fff', '#54657e'];
  const inner =
    kind === 'final'
      ? `<rect x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="6" fill="none" stroke="${stroke}"/>`
      : '';
  const at =
    kind === 'group'
      ? { x: x + 14, y: y + 24, anchor: 'start' }
      : { x: x + width / 2, y: y + height / 2 + 4.5, anchor: 'middle' };
  return `<g><title>${description}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9" fill="${fill}" stroke="${stroke}"/>${inner}<text x="${at.x}" y="${at.y}" text-anchor="${at.anchor}" font-size="13.5" font-weight="600" fill="#1d2733">${label}</text></g>`;
}

function lineSvg({ points }: ChartEdge): string {
  const path = points.map(({ x, y }) => `${x},${y}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="#5b6472" stroke-width="1.2" stroke-linejoin="round" marker-end="url(#head)"/>`;
}

function labelSvg({ label }: ChartEdge): string {
  if (!label) return '';
  const { x, y, width, height, lines } = label;
  const texts = lines.map(
    (line, index) =>
      `<text x="${x + width / 2}" y="${y + 11 + index * 15}" text-anchor="middle" font-size="11.5" fill="#39475a">${line}</text>`,
  );
  return `<g><rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#fff" opacity="0.85"/>${texts.join('')}</g>`;
}
