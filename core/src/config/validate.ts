import { z } from 'zod';
import type { Path, PathIssue } from './issues.ts';
import { field, isRecord } from './loose.ts';
import { checkReferences } from './references.ts';
import { checkRequirements } from './requirements.ts';
import { type Config, configSchema } from './schema.ts';
import { didYouMean } from './suggest.ts';

export type Validated = { ok: true; config: Config } | { ok: false; issues: PathIssue[] };

/** Mistakes of shape that are looked at; the file is refused for any one. */
const ENOUGH = 1000;

/**
 * Checks interpolated data: its shape, and what must fit together. Every check runs whatever the others found, so that
 * all mistakes come at once; only what follows from another mistake at the same place is left out.
 */
export function validateConfig(data: unknown): Validated {
  const parsed = configSchema.safeParse(data);
  const shape = parsed.success ? [] : parsed.error.issues.slice(0, ENOUGH).flatMap((issue) => explain(issue, data));
  const further = [...checkReferences(data), ...checkRequirements(data)];
  const issues = [...shape, ...further.filter(({ path }) => !shape.some((issue) => isWithin(path, issue.path)))];
  return parsed.success && issues.length === 0 ? { ok: true, config: parsed.data } : { ok: false, issues };
}

/** Whether `path` is `outer` or stands inside it. */
export function isWithin(path: Path, outer: Path): boolean {
  return outer.every((part, index) => path[index] === part);
}

function explain(issue: z.core.$ZodIssue, data: unknown): PathIssue[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(configSchema, path, data);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key "${key}"${didYouMean(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union') return explainUnion(issue, path, data);
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues[0]?.message ?? issue.message }];
  }
  if (path.length > 0 && valueAt(data, path) === undefined) return [{ path, message: 'is missing' }];
  return [{ path, message: issue.message.replace(/^Invalid (input|option): /, '') }];
}

function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, data: unknown): PathIssue[] {
  if (issue.discriminator !== undefined) {
    const names = 'options' in issue ? (issue.options?.map(String) ?? []) : [];
    const value = valueAt(data, path);
    if (value === undefined) return [{ path, message: `is missing: expected one of ${names.join(', ')}` }];
    const hint = typeof value === 'string' ? didYouMean(value, names) : '';
    return [{ path, message: `expected one of ${names.join(', ')}${hint}` }];
  }
  // Of several shapes one was meant when only there all keys are known and present: then its own mistakes are told.
  const meant = issue.errors.filter((branch) => !branch.some((inner) => isWrongShape(inner, valueAt(data, path))));
  const [branch, second] = meant;
  if (branch === undefined || second !== undefined) return [{ path, message: issue.message }];
  return branch.flatMap((inner) => explain({ ...inner, path: [...path, ...inner.path] }, data));
}

function isWrongShape(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (issue.code === 'unrecognized_keys') return true;
  return issue.path.length === 0 || (issue.path.length === 1 && field(value, String(issue.path[0])) === undefined);
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    return Array.isArray(value) ? value[Number(part)] : field(value, String(part));
  }, data);
}

/** The keys that the schema knows at a place in the data. */
function keysAt(schema: unknown, path: Path, value: unknown): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return keysAt(schema.unwrap(), path, value);
  }
  if (schema instanceof z.ZodUnion) {
    return schema.options
      .filter((option) => fitsPlatform(option, value))
      .flatMap((option) => keysAt(option, path, value));
  }
  const [part, ...rest] = path;
  if (part === undefined) return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const inner = valueAt(value, [part]);
  if (schema instanceof z.ZodObject) return keysAt(schema.shape[part], rest, inner);
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest, inner);
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest, inner);
  return [];
}

/** Channels are told apart by their platform; every other choice counts as possible. */
function fitsPlatform(option: unknown, value: unknown): boolean {
  if (!(option instanceof z.ZodObject) || !isRecord(value) || !('platform' in option.shape)) return true;
  return z.safeParse(option.shape.platform, value.platform).success;
}
