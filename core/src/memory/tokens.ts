import { LRUCache } from 'lru-cache';

/** Tokens in a text. Never throws, never slower than some tens of milliseconds, whatever the text. */
export type TokenCounter = (text: string) => number;

/**
 * The tokenizer takes quadratic time over a run without spaces or punctuation (20,000 Chinese characters: 4 s), so it
 * only ever sees short slices, and of a long text only some of them.
 */
const SLICE_CHARACTERS = 256;
const MAX_SLICES = 48;
/** Texts that were counted lately, and the longest that is kept: what a session remembers comes again with every question. */
const COUNTED_CHARACTERS = 4 * 1024 * 1024;
const COUNTED_LONGEST = 8 * 1024;
/** What an entry costs beside its text. */
const ENTRY_CHARACTERS = 64;

let loading: Promise<TokenCounter> | undefined;

/**
 * Loads the o200k tokenizer (the one of GPT-4o and later; an estimate for every other model). It costs 0.3 s and some
 * 60 MB once per process, so callers load it when they really have to count: see `maxTokensOf`.
 */
export function loadTokenCounter(): Promise<TokenCounter> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens: count }) => {
    // People may write `<|endoftext|>` in a chat: it is text like any other, by default the tokenizer throws at it.
    const options = { disallowedSpecial: new Set<string>() };
    return remembering((text) => countSlices(text, (slice) => count(slice, options)));
  });
  return loading;
}

function remembering(count: TokenCounter): TokenCounter {
  const counted = new LRUCache<string, number>({
    maxSize: COUNTED_CHARACTERS,
    sizeCalculation: (_tokens, text) => text.length + ENTRY_CHARACTERS,
  });
  return (text) => {
    if (text.length > COUNTED_LONGEST) return count(text);
    let tokens = counted.get(text);
    if (tokens === undefined) {
      tokens = count(text);
      counted.set(text, tokens);
    }
    return tokens;
  };
}

/** Tokens in a text; see `loadTokenCounter`. Up to 12,288 characters are counted in full, beyond that sampled. */
export async function countTokens(text: string): Promise<number> {
  if (text === '') return 0;
  const count = await loadTokenCounter();
  return count(text);
}

/** A bound that needs no tokenizer: no byte-pair encoding makes more tokens than the text has UTF-8 bytes. */
export function maxTokensOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * Adds up the slices. A cut inside a word costs a token too many, never one too few. Of a long text evenly spread
 * slices stand for the rest.
 */
function countSlices(text: string, count: TokenCounter): number {
  const slices = Math.ceil(text.length / SLICE_CHARACTERS);
  const sampled = Math.min(slices, MAX_SLICES);
  let tokens = 0;
  let characters = 0;
  for (let index = 0; index < sampled; index++) {
    const start = Math.floor((index * slices) / sampled) * SLICE_CHARACTERS;
    const slice = text.slice(start, start + SLICE_CHARACTERS);
    tokens += count(slice);
    characters += slice.length;
  }
  return characters === text.length ? tokens : Math.ceil((tokens * text.length) / characters);
}
