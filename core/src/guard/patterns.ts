import { RE2JS } from 're2js';
import type { GuardConfig } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Span } from './spans.ts';

/** A tenant's own pattern. RE2 semantics: time grows with the text, whatever the pattern is. */
export type Pattern = (text: string) => Span[];

/** What is wrong with a pattern for RE2, in words for the person who wrote it; undefined: it can be used. */
export function checkGuardPattern(source: string): string | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return `is not a pattern that RE2 takes: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function compilePattern({ name, regex }: GuardConfig['patterns'][number]): Pattern {
  const wrong = checkGuardPattern(regex);
  if (wrong) throw new ParleyError('invalid_config', `guard pattern ${name}: ${wrong}`);
  const pattern = RE2JS.compile(regex);
  return (text) => {
    const spans: Span[] = [];
    const matcher = pattern.matcher(text);
    while (matcher.find()) {
      const [start, end] = [matcher.start(), matcher.end()];
      if (end > start) spans.push({ start, end, kind: name });
    }
    return spans;
  };
}
