import type { FormInstance } from 'antd';
import type { ApiError } from '../../api/client.ts';

/**
 * Puts the server's complaints beside the fields they are about. Paths such as `config.credentials.bot_token` or
 * `body.next` become the form's own names.
 */
export function applyFieldErrors(form: Pick<FormInstance, 'setFields'>, error: ApiError): void {
  form.setFields(
    error.fields.map(({ path, message }) => ({ name: fieldNameOf(path), errors: [message] })) as Parameters<
      FormInstance['setFields']
    >[0],
  );
}

/** What forms are sent in. */
const ENVELOPES = new Set(['config', 'guard', 'body']);

/** `config.endpoints.0.base_url` → `['endpoints', 0, 'base_url']`. */
export function fieldNameOf(path: string): (string | number)[] {
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '');
  if (parts[0] !== undefined && ENVELOPES.has(parts[0])) parts.shift();
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
