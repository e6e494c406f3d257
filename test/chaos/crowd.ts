import type { World } from '../support/index.ts';
import { type Ledger, PLATFORMS, type PlatformName } from './ledger.ts';
import { answerLines, questionText } from './questions.ts';

export interface Chat {
  name: string;
  number: number;
  platform: PlatformName;
  kind: 'direct' | 'group';
  /** Number of its last question. */
  asked: number;
  /** Somebody is saying several things on end. */
  busy: boolean;
}

/** The people of many chats on all platforms. */
export interface Crowd {
  chats: readonly Chat[];
  /** Somebody asks the chat's next question. */
  ask(chat: Chat): Promise<void>;
  /** As `ask`, with a question whose answer does not fit into one message of Telegram. */
  askAtLength(chat: Chat): Promise<void>;
}

/** Chats on each platform, every other one a group. */
const CHATS_EACH = 24;
/** In a group several people ask by turns. */
const PEOPLE_PER_GROUP = 3;
const MANY_LINES = 20;

/** @param first number of the first chat: no two crowds share one */
export function createCrowd(world: World, ledger: Ledger, first: number): Crowd {
  const chats = PLATFORMS.flatMap((platform, place) =>
    Array.from({ length: CHATS_EACH }, (_, i): Chat => {
      const number = first + place * CHATS_EACH + i;
      return { name: `chat${number}`, number, platform, kind: i % 2 === 0 ? 'direct' : 'group', asked: 0, busy: false };
    }),
  );

  async function ask(chat: Chat): Promise<void> {
    chat.asked++;
    const { name, number, platform, kind, asked } = chat;
    const marker = markerOf(chat);
    ledger.ask({ marker, platform, chat: name, index: asked });
    const from = kind === 'direct' ? `person${number}` : `person${number}x${asked % PEOPLE_PER_GROUP}`;
    await world[platform].say({ chat: name, kind, from, text: questionText(marker), mentionBot: kind === 'group' });
  }

  return {
    chats,
    ask,
    async askAtLength(chat) {
      // How long an answer is follows from its number: those in between are never asked.
      while (answerLines(markerOf({ ...chat, asked: chat.asked + 1 })).length < MANY_LINES) chat.asked++;
      await ask(chat);
    },
  };
}

const markerOf = ({ number, asked }: Pick<Chat, 'number' | 'asked'>) => `q${number}-${asked}`;
