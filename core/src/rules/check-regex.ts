import { type Node, parseRegex, type Sequence, UNSUPPORTED } from './parse-regex.ts';

/** The pattern as the hub runs it: Unicode-aware if it can be, else as plain JavaScript (for escapes such as `\-`). */
export function compileRegex(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return new RegExp(source);
  }
}

/**
 * What is wrong with a pattern somebody configured, in words for that person; undefined if it may be used. Besides
 * errors of syntax it refuses patterns on which JavaScript's backtracking could take forever: repeated groups that can
 * read the same text in several ways, such as `(a+)+` or `(\w|\d)*`, long chains like `.*a.*b.*c`, and
 * back-references. It is conservative: it may refuse a harmless pattern, never with the hub at stake.
 */
export function checkRegex(source: string): string | undefined {
  try {
    compileRegex(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.replace(/^Invalid regular expression: /, 'is not a regular expression: ');
  }
  const alternatives = parseRegex(source);
  if (alternatives === UNSUPPORTED)
    return 'back-references such as \\1 are not allowed: they can take very long to match';
  const letters = createLetters(source);
  return checkAll(alternatives.map(withoutOpenEnd), letters);
}

/** Nothing after it can fail, so a repetition at the pattern's end never makes the engine go back. */
function withoutOpenEnd(sequence: Sequence): Sequence {
  const last = sequence.at(-1);
  return last?.character !== undefined && last.max > 1 ? sequence.slice(0, -1) : sequence;
}

function checkAll(alternatives: Sequence[], letters: Letters): string | undefined {
  for (const sequence of alternatives) {
    if (chain(sequence, letters).ways > MAX_WAYS) {
      return 'has too many repetitions in a row that match the same text (as in .*a.*b.*c), which can take very long; use at most two';
    }
    for (const node of sequence) {
      if (!node.alternatives) continue;
      if (isAmbiguous(node, node.alternatives, letters)) {
        return 'repeats a group that can match the same text in more than one way (as in (a+)+ or (a|a)*), which can take very long';
      }
      const inner = checkAll(node.alternatives, letters);
      if (inner) return inner;
    }
  }
  return undefined;
}

/** Ways to match one text, above which a pattern is refused; an unbounded repetition counts as a thousand. */
const MAX_WAYS = 10_000_000;
const UNBOUNDED_WAYS = 1000;
/** A repeated group with no more ways than this in all is harmless however it is built: `(\d{1,3}\.?){4}`. */
const HARMLESS_WAYS = 5000;

function waysOf(node: Node): number {
  if (!node.alternatives) return Math.min(node.max - node.min + 1, UNBOUNDED_WAYS);
  const once = node.alternatives.reduce(
    (sum, sequence) => sum + sequence.reduce((all, part) => all * waysOf(part), 1),
    0,
  );
  const repeats = Math.min(node.max - node.min + 1, UNBOUNDED_WAYS);
  return repeats * once ** Math.min(node.max, UNBOUNDED_WAYS);
}

/** The worst run of variable pieces in which each can give text to the next: their number and the product of their ways. */
function chain(sequence: Sequence, letters: Letters): { length: number; ways: number } {
  let worst = { length: 0, ways: 1 };
  let current = { length: 0, ways: 1, set: new Set<string>() };
  for (const node of sequence) {
    if (node.zeroWidth) continue;
    const set = letters.of(node);
    const inner = innerChain(node, letters);
    const isLinked = overlaps(current.set, set);
    if (inner.length > 0) {
      current = isLinked
        ? {
            length: current.length + inner.length,
            ways: current.ways * inner.ways,
            set: new Set([...current.set, ...set]),
          }
        : { ...inner, set };
    } else if (!isLinked && node.min > 0) {
      current = { length: 0, ways: 1, set: new Set() }; // a character that only fits here keeps the two sides apart
    }
    if (current.ways >= worst.ways) worst = { length: current.length, ways: current.ways };
  }
  return worst;
}

function innerChain(node: Node, letters: Letters): { length: number; ways: number } {
  if (!node.alternatives) return node.min === node.max ? { length: 0, ways: 1 } : { length: 1, ways: waysOf(node) };
  if (node.max > 1) return { length: 1, ways: Math.min(waysOf(node), UNBOUNDED_WAYS) };
  const chains = node.alternatives.map((sequence) => chain(sequence, letters));
  const length = Math.max(...chains.map((inner) => inner.length), node.min === 0 ? 1 : 0);
  return { length, ways: Math.max(...chains.map((inner) => inner.ways)) * (node.min === 0 ? 2 : 1) };
}

/** Whether a repeated group could read one text as different sequences of repetitions. */
function isAmbiguous(node: Node, alternatives: Sequence[], letters: Letters): boolean {
  if (node.max <= 1 || node.zeroWidth || waysOf(node) <= HARMLESS_WAYS) return false;
  const pairs = alternatives.flatMap((one, index) =>
    alternatives.slice(index + 1).map((other) => [one, other] as const),
  );
  if (pairs.some(([one, other]) => canStartAlike(one, other, letters))) return true;
  return alternatives.some((sequence) => isVariable(sequence) && !hasSeparator(sequence, alternatives, letters));
}

/** A repetition of varying length is unambiguous when a character that stands nowhere else in the group delimits it. */
function hasSeparator(sequence: Sequence, alternatives: Sequence[], letters: Letters): boolean {
  if (chain(sequence, letters).length > 1) return false;
  return sequence.some((separator) => {
    if (separator.character === undefined || separator.min === 0 || separator.min !== separator.max) return false;
    const set = letters.of(separator);
    return alternatives.flat().every((other) => other === separator || !overlaps(set, letters.of(other)));
  });
}

function isVariable(sequence: Sequence): boolean {
  return sequence.some((node) => node.min !== node.max || node.alternatives !== undefined);
}

/** Compares two alternatives character by character as far as both are fixed; what comes then is taken to be alike. */
function canStartAlike(one: Sequence, other: Sequence, letters: Letters): boolean {
  for (let index = 0; ; index++) {
    const [a, b] = [one[index], other[index]];
    if (!a || !b) return true;
    if (a.min > 0 && b.min > 0 && !a.zeroWidth && !b.zeroWidth) {
      if (!overlaps(letters.of(a), letters.of(b))) return false;
    }
    const isFixed = [a, b].every((node) => node.character !== undefined && node.min === 1 && node.max === 1);
    if (!isFixed) return true;
  }
}

function overlaps(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const letter of one) {
    if (other.has(letter)) return true;
  }
  return false;
}

interface Letters {
  /** Every sample character that may occur in what the piece matches. */
  of(node: Node): Set<string>;
}

const SAMPLES = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)),
  ...'\t\n\r\u00a0é×Яα中あ가。！👍',
];

/** Sets of characters are compared on samples: ASCII, one of each large script, and what the pattern itself names. */
function createLetters(source: string): Letters {
  const samples = [...new Set([...SAMPLES, ...source])];
  const known = new Map<string, Set<string>>();

  function matching(character: string): Set<string> {
    let set = known.get(character);
    if (!set) {
      const pattern = compileRegex(`^(?:${character})$`);
      set = new Set(samples.filter((sample) => pattern.test(sample)));
      known.set(character, set);
    }
    return set;
  }

  const seen = new Map<Node, Set<string>>();
  const of = (node: Node): Set<string> => {
    if (node.character !== undefined) return matching(node.character);
    let set = seen.get(node);
    if (!set) {
      const parts = node.zeroWidth ? [] : (node.alternatives ?? []).flat();
      set = new Set(parts.flatMap((part) => [...of(part)]));
      seen.set(node, set);
    }
    return set;
  };
  return { of };
}
