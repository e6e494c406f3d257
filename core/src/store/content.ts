import type { Sealer } from '../secrets/index.ts';

/** Where a message's content belongs: it does not open in another conversation. */
export const contentContext = (tenant: string, conversation: string) => `message/${tenant}/${conversation}`;

/** Parts what was said from what belongs to it. Nobody can write it, and Postgres would not keep it. */
const SEPARATOR = '\0';
const SEALED = /^v1\.[0-9a-f]{8}\.[\w-]+$/;

/** Whether content is encrypted: rows from before that are as people wrote them. */
export const isSealed = (content: string): boolean => SEALED.test(content);

/**
 * What people and models said, as it lies in the database: encrypted.
 *
 * @param attached JSON that lives and dies with it and names people, such as where a question stood
 */
export function sealContent(
  sealer: Sealer,
  tenant: string,
  conversation: string,
  text: string,
  attached?: object,
): string {
  const said = text.replaceAll(SEPARATOR, '\uFFFD');
  const whole = attached ? `${said}${SEPARATOR}${JSON.stringify(attached)}` : said;
  return sealer.seal(whole, contentContext(tenant, conversation));
}

/** Readable again; rows from before content was encrypted are readable as they are. */
export function openContent(sealer: Sealer, tenant: string, conversation: string, content: string): string {
  return openWhole(sealer, tenant, conversation, content)[0] ?? '';
}

/** What is attached to it, as it was; undefined: nothing. */
export function openAttached(sealer: Sealer, tenant: string, conversation: string, content: string): unknown {
  const [, attached] = openWhole(sealer, tenant, conversation, content);
  return attached === undefined ? undefined : JSON.parse(attached);
}

function openWhole(sealer: Sealer, tenant: string, conversation: string, content: string): string[] {
  const whole = isSealed(content) ? sealer.open(content, contentContext(tenant, conversation)) : content;
  return whole.split(SEPARATOR, 2);
}
