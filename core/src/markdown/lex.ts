import { Lexer, type Token } from 'marked';

/** What `lexMarkdown` gives: marked's own tokens (GFM), so that adapters can switch over `type`. */
export type MarkdownToken = Token;

/** Deeper containers (quotes in lists in quotes …) are shown as the text they are: nobody reads them, and each costs stack. */
const MAX_DEPTH = 16;

/** Marked needs quadratic time for the emphasis in one run of text, so a longer one is read in windows of this size. */
const MAX_INLINE_CHARACTERS = 4096;

/**
 * Markdown (GFM) as a tree of tokens. Never throws and takes about linear time, whatever a model or a person wrote:
 * containers nested deeper than 16 levels, and input marked itself gives up on, come back as plain paragraphs.
 */
export function lexMarkdown(markdown: string): MarkdownToken[] {
  try {
    return new BoundedLexer({ gfm: true }).lex(markdown);
  } catch {
    return [plainParagraph(markdown)];
  }
}

/** The inline tokens of one paragraph's text; their `raw`s joined are `text` again. Bounded like `lexMarkdown`. */
export function lexInline(text: string): MarkdownToken[] {
  try {
    return new BoundedLexer({ gfm: true }).inlineTokens(text);
  } catch {
    return [{ type: 'text', raw: text, text, escaped: false }];
  }
}

/** Marked's lexer with its two recursions bounded. The tokenizer calls back into these two methods. */
class BoundedLexer extends Lexer {
  #blockDepth = 0;
  #inlineDepth = 0;

  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped = false): Lexer['tokens'] {
    if (this.#blockDepth > MAX_DEPTH) {
      if (src.trim()) tokens.push(plainParagraph(src));
      this.state.top = true;
      return asList(tokens);
    }
    this.#blockDepth++;
    try {
      return asList(super.blockTokens(src, tokens, lastParagraphClipped));
    } finally {
      this.#blockDepth--;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlineDepth > MAX_DEPTH) {
      tokens.push({ type: 'text', raw: src, text: src, escaped: false });
      return tokens;
    }
    this.#inlineDepth++;
    try {
      for (const window of inlineWindows(src)) super.inlineTokens(window, tokens);
      return tokens;
    } finally {
      this.#inlineDepth--;
    }
  }
}

function* inlineWindows(src: string): Generator<string> {
  let start = 0;
  while (src.length - start > MAX_INLINE_CHARACTERS) {
    const limit = start + MAX_INLINE_CHARACTERS;
    const line = src.lastIndexOf('\n', limit - 1);
    const cut = line > start ? line : src.lastIndexOf(' ', limit - 1);
    const end = cut > start ? cut + 1 : limit - (isHighSurrogate(src.charCodeAt(limit - 1)) ? 1 : 0);
    yield src.slice(start, end);
    start = end;
  }
  if (start < src.length) yield src.slice(start);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function plainParagraph(raw: string): Token {
  return { type: 'paragraph', raw, text: raw, tokens: [{ type: 'text', raw, text: raw, escaped: false }] };
}

/** Marked types its top list as an array that also carries the link definitions; only the lexer itself reads those. */
function asList(tokens: Token[]): Lexer['tokens'] {
  return tokens as Lexer['tokens'];
}
