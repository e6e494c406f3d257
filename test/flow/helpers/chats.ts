import type { PlatformSimulator, SimMessage } from '@parley/simulators';

export const PLATFORM_NAMES = ['slack', 'telegram', 'feishu'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

export const fromBot = (text: string) => (message: SimMessage) =>
  message.author === 'bot' && message.text.includes(text);

/** All that the bot has said in a chat, oldest first. */
export function botSaid(platform: PlatformSimulator, chat: string): string[] {
  return platform
    .transcript(chat)
    .filter(({ author }) => author === 'bot')
    .map(({ text }) => text);
}

/** Resolves when the bot has said something that holds `text`. */
export function answered(platform: PlatformSimulator, chat: string, text: string, patienceMs = 20_000) {
  return platform.waitFor(chat, fromBot(text), patienceMs);
}

/** A model that repeats the question, and can be made to think about some questions until it is told to speak. */
export function createThinker() {
  let open = Promise.withResolvers<void>();
  return {
    /** Questions that hold this word are answered only after `speak`. */
    word: 'ponder',
    reply: async ({ messages }: { messages: { content: string }[] }): Promise<string> => {
      const question = messages.at(-1)?.content ?? '';
      if (question.includes('ponder')) await open.promise;
      return `answer to "${question}" after ${messages.length - 1} earlier messages`;
    },
    speak(): void {
      open.resolve();
    },
    /** Whatever comes from now on is pondered again. */
    think(): void {
      open.resolve();
      open = Promise.withResolvers<void>();
    },
  };
}
