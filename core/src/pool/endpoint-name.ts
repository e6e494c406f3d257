import { createHash } from 'node:crypto';

const known = new Map<string, string>();
const MAX_KNOWN = 1_000;

/** An endpoint in Redis and in what is shown: without its path, which might tell more than a name should. */
export function endpointName(baseUrl: string | undefined): string {
  if (baseUrl === undefined) return 'default';
  const found = known.get(baseUrl);
  if (found) return found;
  const name = `${new URL(baseUrl).host}-${createHash('sha256').update(baseUrl).digest('hex').slice(0, 6)}`;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(baseUrl, name);
  return name;
}
