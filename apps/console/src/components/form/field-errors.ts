import type { FormInstance } from 'antd';
import type { ApiError } from '../../api/client.ts';

/**
 * Puts the server's complaints beside the fields they are about and returns the names of these. Paths such as
 * `config.credentials.bot_token` or `body.next` become the form's own names; what is wrong with one entry of a list that is
 * a single field, such as `config.regions.2`, stands beside that field.
 */
export function applyFieldErrors(
  form: Pick<FormInstance, 'setFields' | 'getFieldsError'>,
  error: ApiError,
): (string | number)[][] {
  const known = new Set(form.getFieldsError().map(({ name }) => name.join('.')));
  const mistakes = error.fields.map(({ path, message }) => ({
    name: closestTo(fieldNameOf(path), known),
    errors: [message],
  }));
  form.setFields(mistakes as Parameters<FormInstance['setFields']>[0]);
  return mistakes.map(({ name }) => name);
}

function closestTo(name: (string | number)[], known: ReadonlySet<string>): (string | number)[] {
  const lengths = name.map((_, index) => name.length - index);
  const length = lengths.find((some) => known.has(name.slice(0, some).join('.')));
  return name.slice(0, length);
}

/** What forms are sent in. */
const ENVELOPES = new Set(['config', 'guard', 'body']);

/** `config.endpoints.0.base_url` → `['endpoints', 0, 'base_url']`. */
export function fieldNameOf(path: string): (string | number)[] {
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '');
  if (parts[0] !== undefined && ENVELOPES.has(parts[0])) parts.shift();
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
