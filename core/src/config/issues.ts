/** One mistake in a configuration, told so that a person finds and mends it. Never contains a secret. */
export interface ConfigIssue {
  /** Where: `channels[0].credentials.bot_token`, or the name of an environment variable. Empty: the whole file. */
  path: string;
  message: string;
  /** Line in the file, from 1. */
  line?: number;
}

/** A place in the configuration as keys and indexes. */
export type Path = readonly (string | number)[];

/** A mistake before its place is put into words. */
export interface PathIssue {
  path: Path;
  message: string;
}

/** All mistakes, one line each, in the order of the file. */
export function describeIssues(issues: readonly ConfigIssue[]): string {
  return [...issues]
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ path, line, message }) => {
      const place = [path, line === undefined ? '' : `(line ${line})`].filter(Boolean).join(' ');
      return place ? `${place}: ${message}` : message;
    })
    .join('\n');
}

/** `['channels', 0, 'id']` as `channels[0].id`; keys that are no plain names stand in brackets and quotes. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_]\w*$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}
