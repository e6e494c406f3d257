import { badRequest } from './error.ts';

/** Parameters of a call as they came: JSON values, or strings of a query or form. */
export type Arguments = Record<string, unknown>;

/** A parameter as text; empty and missing are `undefined`. */
export function textArgument(args: Arguments, name: string): string | undefined {
  const value = args[name];
  return value === undefined || value === null || value === '' || typeof value === 'object' ? undefined : String(value);
}

/** A whole number; `undefined` where there is none. */
export function numberArgument(args: Arguments, name: string): number | undefined {
  const text = textArgument(args, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A boolean in JSON or a form. */
export function flagArgument(args: Arguments, name: string): boolean {
  return ['true', '1', 'yes', 'True'].includes(String(args[name]));
}

/** An object or array; a form carries it as JSON text. */
export function objectArgument(args: Arguments, name: string): unknown {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest(`can't parse ${name} JSON object`);
  }
}

/** An argument that is a list of strings; anything else is `undefined`. */
export function stringsArgument(args: Arguments, name: string): string[] | undefined {
  const value = objectArgument(args, name);
  return Array.isArray(value) ? value.map(String) : undefined;
}
