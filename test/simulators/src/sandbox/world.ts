import type { SimMessage } from '../types.ts';
import { type Stage, startStages } from './platforms.ts';
import { CHATS, PEOPLE } from './scene.ts';
import { placeOf, shownThread } from './threads.ts';
import {
  type PlatformName,
  type SandboxChat,
  type SandboxMessage,
  type SandboxPlatform,
  SandboxRefusal,
  type SandboxSay,
  type SandboxView,
} from './types.ts';

/** Three platforms with a few people and chats, to be watched and talked in. */
export interface SandboxWorld {
  platforms(): SandboxPlatform[];
  /** Where each platform delivers its events from now on. */
  connect(webhooks: Partial<Record<PlatformName, string>>): void;
  view(platform: string, chat: string): SandboxView;
  /** A person says something. Resolves at once, with the message's id. */
  say(platform: string, chat: string, input: SandboxSay): Promise<{ id: string }>;
  close(): Promise<void>;
}

const MAX_SHOWN = 200;
/** So far back an indicator is looked for. */
const MAX_LOOKED_AT = 30;
const BOT_NAME = 'Parley';
const DRAFT_ID = 'draft';

export async function startSandboxWorld(): Promise<SandboxWorld> {
  const stages = new Map<string, Stage>((await startStages()).map((stage) => [stage.simulator.platform, stage]));
  let webhooks: Partial<Record<PlatformName, string>> = {};

  function find(platform: string, chat: string): { stage: Stage; room: SandboxChat } {
    const stage = stages.get(platform);
    if (stage === undefined) throw new SandboxRefusal('not_found', 'platform', `there is no platform ${platform}`);
    const room = CHATS.find(({ id }) => id === chat);
    if (room === undefined) throw new SandboxRefusal('not_found', 'chat', `there is no chat ${chat}`);
    return { stage, room };
  }

  return {
    platforms: () =>
      [...stages.values()].map(({ simulator: { platform, url, credentials } }) => ({
        platform,
        api_base_url: url,
        credentials,
        chats: [...CHATS],
        people: PEOPLE.map(({ id, name }) => ({ id, name })),
      })),

    connect(urls) {
      webhooks = urls;
      for (const { simulator } of stages.values()) simulator.setWebhook(urls[simulator.platform]);
    },

    view(platform, chat) {
      const { stage } = find(platform, chat);
      const transcript = stage.simulator.transcript(chat).slice(-MAX_SHOWN);
      const items = transcript.map((message) => show(stage, message));
      const draft = stage.draft(chat);
      if (draft !== undefined) items.push(showDraft(draft));
      return { items, typing: stage.isTyping(chat, transcript.slice(-MAX_LOOKED_AT)) };
    },

    async say(platform, chat, { person, text, mention = false, thread }) {
      const { stage, room } = find(platform, chat);
      const speaker = PEOPLE.find(({ id }) => id === person && room.people.includes(id));
      if (speaker === undefined) throw new SandboxRefusal('invalid_request', 'person', `is not in the chat ${chat}`);
      const { simulator } = stage;
      const place = thread === undefined ? {} : placeOf(simulator.platform, simulator.transcript(chat), thread);
      // A hub that knows its public URL has registered that with the platform; here events take the short way.
      simulator.setWebhook(webhooks[simulator.platform]);
      const { name: from, locale } = speaker;
      const { id } = await simulator.say({ chat, kind: room.kind, text, from, locale, mentionBot: mention, ...place });
      return { id };
    },

    async close() {
      await Promise.all([...stages.values()].map(({ simulator }) => simulator.close()));
    },
  };
}

function show({ simulator, botId, personId }: Stage, message: SimMessage): SandboxMessage {
  const { id, author, authorId, text, replyTo, at, edits } = message;
  const thread = shownThread(simulator.platform, message);
  const speaker = PEOPLE.find(({ name }) => personId(name) === authorId)?.name;
  return {
    id,
    from: author,
    name: speaker ?? (authorId === botId || author === 'bot' ? BOT_NAME : authorId),
    text,
    ...(thread !== undefined && { thread }),
    // What stands in a thread answers its first message as a matter of course.
    ...(replyTo !== undefined && replyTo !== thread && { reply_to: replyTo }),
    at: new Date(at).toISOString(),
    edited: edits > 0,
  };
}

const showDraft = (text: string): SandboxMessage => ({
  id: DRAFT_ID,
  from: 'bot',
  name: BOT_NAME,
  text,
  at: new Date().toISOString(),
  edited: true,
});
