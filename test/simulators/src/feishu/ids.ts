import { createHash, randomBytes, randomInt } from 'node:crypto';

/** A fresh id in the shape Feishu gives it: `om_` messages, `omt_` threads, `oc_` chats, and so on. */
export function newId(prefix: 'om' | 'omt' | 'oc' | 'ou' | 'on' | 'cli' | 'img_v3' | 'file_v3'): string {
  return `${prefix}_${randomBytes(prefix === 'cli' ? 8 : 16).toString('hex')}`;
}

/** Card entities have 19-digit numbers. */
export function newCardId(): string {
  return `7${String(randomInt(10 ** 9)).padStart(9, '0')}${String(randomInt(10 ** 9)).padStart(9, '0')}`;
}

/** The same name gives the same id, so that a person or chat is the same in every run. */
export function idFromName(prefix: 'ou' | 'on' | 'u' | 'oc' | 'omt', name: string): string {
  const digest = createHash('sha256').update(`${prefix}:${name}`).digest('hex');
  return prefix === 'u' ? digest.slice(0, 8) : `${prefix}_${digest.slice(0, 32)}`;
}
