/** One piece of a pattern together with its quantifier. */
export interface Node {
  /** Source of a piece that matches exactly one character: `a`, `\d`, `[a-z]`, `.`. */
  character?: string;
  /** The alternatives of a group. */
  alternatives?: Sequence[];
  /** Anchors and look-around: match no text of their own. */
  zeroWidth: boolean;
  min: number;
  max: number;
}

export type Sequence = Node[];

/** Stands for a pattern with back-references. */
export const UNSUPPORTED = Symbol('back-reference');

const GROUP_START = /\((?:\?(?:<?[=!]|<[^>]*>|[a-z]*(?:-[a-z]*)?:))?/uy;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/uy;
const ESCAPE = /\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[\s\S])/uy;
const ANY = /[\s\S]/uy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/uy;
const BACK_REFERENCE = /^\\(?:[1-9]|k)/u;

/** The structure of a pattern that `RegExp` has accepted. */
export function parseRegex(source: string): Sequence[] | typeof UNSUPPORTED {
  const reader = createReader(source);
  const alternatives = readAlternatives(reader);
  return reader.hasBackReference ? UNSUPPORTED : alternatives;
}

interface Reader {
  hasBackReference: boolean;
  peek(): string;
  /** The next text that matches, taken; undefined and nothing taken if it does not. */
  take(pattern: RegExp): RegExpExecArray | undefined;
}

function createReader(source: string): Reader {
  let position = 0;
  return {
    hasBackReference: false,
    peek: () => source.charAt(position),
    take(pattern) {
      pattern.lastIndex = position;
      const match = pattern.exec(source);
      if (match) position += match[0].length;
      return match ?? undefined;
    },
  };
}

function readAlternatives(reader: Reader): Sequence[] {
  const alternatives: Sequence[] = [[]];
  while (reader.peek() !== '' && reader.peek() !== ')') {
    if (reader.take(/\|/uy)) {
      alternatives.push([]);
      continue;
    }
    alternatives.at(-1)?.push(readNode(reader));
  }
  return alternatives;
}

function readNode(reader: Reader): Node {
  if (reader.take(/[\^$]|\\[bB]/uy)) return { zeroWidth: true, min: 1, max: 1 };
  const group = reader.take(GROUP_START)?.[0];
  if (group !== undefined) {
    const alternatives = readAlternatives(reader);
    reader.take(/\)/uy);
    return { alternatives, zeroWidth: /^\(\?<?[=!]/u.test(group), ...readQuantifier(reader) };
  }
  const character = (reader.take(CLASS) ?? reader.take(ESCAPE) ?? reader.take(ANY))?.[0] ?? '';
  if (BACK_REFERENCE.test(character)) reader.hasBackReference = true;
  return { character, zeroWidth: false, ...readQuantifier(reader) };
}

function readQuantifier(reader: Reader): { min: number; max: number } {
  const match = reader.take(QUANTIFIER);
  if (!match) return { min: 1, max: 1 };
  const [text, from, comma, to] = match;
  if (text.startsWith('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (text.startsWith('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (text.startsWith('?')) return { min: 0, max: 1 };
  const min = Number(from);
  if (!comma) return { min, max: min };
  return { min, max: to ? Number(to) : Number.POSITIVE_INFINITY };
}
