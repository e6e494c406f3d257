import type { Message } from '@parley/core/message';

/** A message before its command is taken apart. `sentAt` is 0 when the event itself does not say. */
export type Draft = Omit<Message, 'command' | 'language'>;

/** The ids a reply hangs under; the payload does not say whose they are. */
export function contextRefs(...ids: (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}
