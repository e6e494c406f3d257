const FENCE = /^\s*(`{3,}|~{3,})/;
const DELIMITER_ROW = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const CODE_SPAN = /(`+)(.+?)\1/g;

/**
 * Feishu's markdown as a person reads it: markup is gone, a link is its text, a table row its cells between bars. Names of
 * mentioned people come from `nameOf` (their id is all that the markup has).
 */
export function renderMarkdown(markdown: string, nameOf: (id: string) => string): string {
  const lines: string[] = [];
  for (const { line, code } of linesOf(markdown)) {
    if (code) lines.push(line);
    else if (!isRule(line)) lines.push(renderLine(line, nameOf));
  }
  return lines.join('\n').trim();
}

/** How many tables a card would show: a row with bars above a delimiter row; those inside code blocks are code. */
export function countTables(markdown: string): number {
  let tables = 0;
  let previous = '';
  for (const { line, code } of linesOf(markdown)) {
    if (!code && previous.includes('|') && line.includes('|') && DELIMITER_ROW.test(line)) tables += 1;
    previous = code ? '' : line;
  }
  return tables;
}

/** The lines without the fences. A block that is still open, as in a streamed answer, is code to its end. */
function* linesOf(markdown: string): Generator<{ line: string; code: boolean }> {
  let fence: string | undefined;
  for (const line of markdown.split(/\r?\n/)) {
    const mark = FENCE.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined && mark?.startsWith(fence) && line.trim() === mark) fence = undefined;
    else yield { line, code: fence !== undefined };
  }
}

/** Horizontal rules and the delimiter row of a table: nothing a person could read. */
function isRule(line: string): boolean {
  return /^\s*([-*_])(\s*\1){2,}\s*$/.test(line) || (line.includes('|') && DELIMITER_ROW.test(line));
}

function renderLine(line: string, nameOf: (id: string) => string): string {
  const block = line
    .replace(/^\s{0,3}#{1,6}\s+(.*?)\s*#*$/, '$1')
    .replace(/^\s{0,3}(>\s?)+/, '')
    .replace(/^(\s*)[-*+]\s+/, '$1• ');
  const row = /^\s*\|(.*)\|\s*$/.exec(block)?.[1];
  const text =
    row === undefined
      ? block
      : row
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
          .join(' | ');

  let rendered = '';
  let end = 0;
  for (const match of text.matchAll(CODE_SPAN)) {
    rendered += renderInline(text.slice(end, match.index), nameOf) + (match[2] ?? '').trim();
    end = match.index + match[0].length;
  }
  return rendered + renderInline(text.slice(end), nameOf);
}

function renderInline(text: string, nameOf: (id: string) => string): string {
  return text
    .replace(/<at\s+(?:id|ids|user_id|open_id)\s*=\s*["']?([^"'\s>]+)["']?\s*>(.*?)<\/at>/g, (_, id: string) =>
      id === 'all' ? '@all' : `@${nameOf(id)}`,
    )
    .replace(/<br\s*\/?>/g, '\n')
    .replace(/<\/?(?:font|text_tag|b|i|u|s|strong|em|del|a|link|person|number_tag)(?:\s[^>]*)?>/g, '')
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, (_, alt: string) => alt || '[image]')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\w*\\])\*(?=[^\s*])([^*]+?)(?<=[^\s\\])\*(?!\w)/g, '$1')
    .replace(/(?<![\w\\])_(?=\S)([^_]+?)(?<=\S)_(?!\w)/g, '$1')
    .replace(/\\([\\`*_{}[\]()#+\-.!|~<>])/g, '$1')
    .replace(/&#(\d{1,5});/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&');
}
