import { figure } from './table.ts';

export interface Bar {
  name: string;
  value: number;
  /** Drawn in the hub's colour. */
  isOurs: boolean;
}

const WIDTH = 720;
const BAR = 26;
const GAP = 8;
const LABELS = 230;
const VALUES = 90;
const TOP = 44;

/** A horizontal bar chart as SVG; readable on light and dark pages. */
export function plotBars(title: string, unit: string, bars: readonly Bar[]): string {
  const height = TOP + bars.length * (BAR + GAP) + GAP;
  const longest = Math.max(...bars.map(({ value }) => value));
  const scale = (WIDTH - LABELS - VALUES) / longest;
  const rows = bars.map(({ name, value, isOurs }, index) => {
    const y = TOP + index * (BAR + GAP);
    const width = Math.max(1, value * scale);
    const middle = y + BAR / 2 + 4;
    return [
      `<text x="${LABELS - 10}" y="${middle}" text-anchor="end">${quoted(name)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3" fill="${isOurs ? '#2563eb' : '#94a3b8'}"/>`,
      `<text x="${(LABELS + width + 8).toFixed(1)}" y="${middle}">${figure(value)} ${quoted(unit)}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${quoted(title)}">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<g fill="#0f172a">
<text x="${GAP}" y="26" font-size="16" font-weight="600">${quoted(title)}</text>
${rows.join('\n')}
</g>
</svg>
`;
}

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
