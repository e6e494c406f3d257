import type { Path, PathIssue } from './issues.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a file may grow to by interpolation, so that a few characters cannot fill the memory. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)(\}?)/g;
// biome-ignore lint/suspicious/noTemplateCurlyInString: the message shows the syntax
const MALFORMED = 'expected ${NAME} with the name of an environment variable; write $${ for a literal ${';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface Interpolated {
  data: unknown;
  issues: PathIssue[];
  /** What each variable that was used contained: values that must not show up in messages. */
  used: Map<string, string>;
}

/**
 * Replaces `${NAME}` in every string of parsed data by the environment variable NAME; `$${` stands for a literal `${`.
 * It works on parsed values and does not look at its own results again, so no value can add keys, break out of its
 * string or pull in another variable. A string with a mistake is left as it is.
 */
export function interpolate(data: unknown, env: Environment): Interpolated {
  const issues: PathIssue[] = [];
  const used = new Map<string, string>();
  let characters = 0;

  function expand(text: string, path: Path): string {
    const problems: string[] = [];
    const result = text.replace(PLACEHOLDER, (whole, name: string | undefined, closing: string) => {
      if (name === undefined) return '${';
      if (!closing || !NAME.test(name)) {
        problems.push(MALFORMED);
        return whole;
      }
      const value = env[name];
      if (value === undefined) {
        problems.push(`the environment variable ${name} is not set`);
        return whole;
      }
      used.set(name, value);
      characters += value.length;
      return characters > MAX_CHARACTERS ? '' : value;
    });
    for (const message of new Set(problems)) issues.push({ path, message });
    return problems.length > 0 ? text : result;
  }

  function walk(value: unknown, path: Path, ancestors: readonly unknown[]): unknown {
    if (typeof value === 'string') return value.includes('${') ? expand(value, path) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.includes(value)) {
      issues.push({ path, message: 'contains itself through an alias' });
      return null;
    }
    const inside = [...ancestors, value];
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index], inside));
    // Own properties by definition, not by assignment: a key named __proto__ stays an ordinary (and unknown) key.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key], inside)]));
  }

  const result = walk(data, [], []);
  if (characters > MAX_CHARACTERS) {
    issues.push({ path: [], message: 'grows beyond 8 million characters through environment variables' });
  }
  return { data: result, issues, used };
}
