export type Inline = { kind: 'text' | 'bold' | 'code'; text: string } | { kind: 'link'; text: string; href: string };
export type Block =
  | { kind: 'code'; text: string }
  | { kind: 'list'; items: Inline[][] }
  | { kind: 'paragraph'; content: Inline[] };

/** Longer texts are shown as they are: parsing must not hold up the page. */
const MOST_CHARACTERS = 50_000;

/** Text with code fences, lists, bold, code and links, as blocks. Everything else stays text. */
export function parseRichText(source: string): Block[] {
  if (source.length > MOST_CHARACTERS) return [{ kind: 'paragraph', content: [{ kind: 'text', text: source }] }];
  const blocks: Block[] = [];
  // Every second part stands between fences; a fence that is still open (streaming) is code already.
  for (const [index, part] of source.split('```').entries()) {
    if (index % 2 === 1) blocks.push({ kind: 'code', text: part.replace(/^[\w+-]*\n/, '').replace(/\n$/, '') });
    else blocks.push(...paragraphs(part));
  }
  return blocks;
}

function paragraphs(text: string): Block[] {
  const blocks: Block[] = [];
  let items: Inline[][] = [];
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) blocks.push({ kind: 'paragraph', content: parseInline(lines.join('\n')) });
    if (items.length > 0) blocks.push({ kind: 'list', items });
    lines = [];
    items = [];
  };
  for (const line of text.split('\n')) {
    const item = /^\s{0,3}[-*•]\s+(.*)$/.exec(line)?.[1];
    if (item !== undefined) {
      if (lines.length > 0) flush();
      items.push(parseInline(item));
    } else if (line.trim() === '') flush();
    else {
      if (items.length > 0) flush();
      lines.push(line);
    }
  }
  flush();
  return blocks;
}

const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"')\]]+)/g;

function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) parts.push({ kind: 'text', text: text.slice(at, match.index) });
    const [whole, code, bold, label, target, bare] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (bold !== undefined) parts.push({ kind: 'bold', text: bold });
    else if (label !== undefined && target !== undefined) parts.push({ kind: 'link', text: label, href: target });
    else if (bare !== undefined) parts.push({ kind: 'link', text: bare, href: bare });
    at = match.index + whole.length;
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) });
  return parts;
}
