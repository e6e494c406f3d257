import type { Channel } from '@parley/adapter-registry';
import type { Head } from '@parley/core/bus';
import { hubText } from '@parley/core/i18n';
import type { Message } from '@parley/core/message';
import type { Question } from '@parley/core/pipeline';
import type { DecideDeps } from './decide.ts';

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

/** How long a question may take from the moment it is taken up until no other model is tried any more. */
const TRY_MODELS_MS = 120_000;

/** Chats see an answer grow once a second or so; what a stop may cost of its last words. */
const GATHER_MS = 150;

/** The turn's question as the chat core takes it. */
export function questionFor(
  head: Head,
  { tenant, config }: Channel,
  { recallHistory, pseudonym, now, span }: Pick<DecideDeps, 'recallHistory' | 'pseudonym' | 'now' | 'span'>,
  signals: Pick<Question, 'signal' | 'handedBack'>,
): Question {
  const { turn, conversation, message } = head.envelope;
  const { sender, chat, language } = message;
  const { platform } = config;
  return {
    requestId: turn,
    tenant,
    platform,
    user: pseudonym(tenant.id, platform, sender.id),
    group: chat.kind === 'group' ? pseudonym(tenant.id, `${platform}/chat`, chat.id) : undefined,
    conversation: conversation.id,
    language,
    text: questionOf(head),
    senderName: sender.name,
    history: recallHistory,
    preferredModel: head.pickedModel,
    withRules: true,
    deadlineAt: now() + TRY_MODELS_MS,
    span,
    // The answer is recorded meanwhile. What a crash leaves unsettled is charged when its reservation expires.
    settlesLater: true,
    gatherMs: GATHER_MS,
    ...signals,
  };
}
