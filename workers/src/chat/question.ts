import type { Head } from '@parley/core/bus';
import { hubText } from '@parley/core/i18n';
import type { Message } from '@parley/core/message';

/** Longest name of a person that is put before what they said. */
const NAME_MAX = 64;

/**
 * What a turn asks: its message, or all messages that are answered together, a line each. Where several people asked,
 * each line begins with who did, because a model cannot see it otherwise.
 */
export function questionOf({ envelope, also }: Pick<Head, 'envelope' | 'also'>): string {
  const messages = [envelope, ...also].map(({ message }) => message);
  const people = [...new Set(messages.map(({ sender }) => sender.id))];
  if (people.length === 1) return messages.map(({ text }) => text).join('\n');
  return messages.map((message) => `${nameOf(message, people)}: ${message.text}`).join('\n');
}

/** The name on one line; people without one are counted, because ids do not leave the hub. */
function nameOf({ sender, language }: Message, people: string[]): string {
  const name = sender.name
    ?.replace(/[\s:：]+/gu, ' ')
    .trim()
    .slice(0, NAME_MAX);
  return name || hubText('person', language, { number: String(people.indexOf(sender.id) + 1) });
}
