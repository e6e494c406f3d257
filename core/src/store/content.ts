import type { Sealer } from '../secrets/index.ts';

/** Where a message's content belongs: it does not open in another conversation. */
export const contentContext = (tenant: string, conversation: string) => `message/${tenant}/${conversation}`;

/** What people and models said, as it lies in the database: encrypted. */
export function sealContent(sealer: Sealer, tenant: string, conversation: string, text: string): string {
  return sealer.seal(text, contentContext(tenant, conversation));
}

/** Readable again; rows from before content was encrypted are readable as they are. */
export function openContent(sealer: Sealer, tenant: string, conversation: string, content: string): string {
  return /^v1\.[0-9a-f]{8}\.[\w-]+$/.test(content)
    ? sealer.open(content, contentContext(tenant, conversation))
    : content;
}
