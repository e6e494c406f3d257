import { type Environment, interpolate } from './interpolate.ts';
import { type ConfigIssue, formatPath, type PathIssue } from './issues.ts';
import type { Config } from './schema.ts';
import { isWithin, validateConfig } from './validate.ts';
import { readYaml } from './yaml.ts';

/** Mistakes told at once: nobody reads more, and a file of 1 MiB can hold half a million. */
const MAX_ISSUES = 200;

export type ConfigResult = { ok: true; config: Config } | { ok: false; issues: ConfigIssue[] };

/**
 * Reads a configuration file's text (YAML or JSON): parses, fills `${NAME}` from `env`, validates. Reports every
 * mistake with its path and line; no message contains the value of an environment variable or a quote of the file.
 * `fileName` only names the file in issues that concern it as a whole.
 */
export function parseConfig(text: string, env: Environment, fileName = 'the configuration'): ConfigResult {
  const yaml = readYaml(text);
  if (!yaml.ok) {
    return { ok: false, issues: yaml.issues.map((issue) => ({ ...issue, message: `${fileName}: ${issue.message}` })) };
  }
  const filled = interpolate(yaml.data, env);
  const unfilled = filled.issues.slice(0, MAX_ISSUES);
  const validated = validateConfig(filled.data);
  const further = validated.ok ? [] : validated.issues;
  const issues = [
    ...unfilled,
    // A placeholder that could not be filled is no valid value either: once told is enough.
    ...further.filter(({ path }) => !unfilled.some((issue) => issue.path.length > 0 && isWithin(path, issue.path))),
  ];
  if (validated.ok && issues.length === 0) return { ok: true, config: validated.config };
  const told = issues.slice(0, MAX_ISSUES);
  if (issues.length > MAX_ISSUES) told.push({ path: [], message: 'has more mistakes than are listed here' });
  return { ok: false, issues: told.map((issue) => place(issue)) };

  function place({ path, message }: PathIssue): ConfigIssue {
    const line = yaml.ok ? yaml.lineOf(path) : undefined;
    const told = {
      path: formatPath(path),
      message: redact(path.length === 0 ? `${fileName}: ${message}` : message, filled.used),
    };
    return line === undefined ? told : { ...told, line };
  }
}

/** Puts `${NAME}` back where a message quotes what a variable contained (a mistyped tenant, say, may be a secret). */
function redact(message: string, used: ReadonlyMap<string, string>): string {
  let result = message;
  for (const [name, value] of used) {
    if (value.length >= 4) result = result.replaceAll(value, () => `\${${name}}`);
  }
  return result;
}
