import type { PlatformSimulator } from '../types.ts';

export type PlatformName = PlatformSimulator['platform'];

/** What the hub needs to know of a platform in order to have a channel there, and what is in it to look at. */
export interface SandboxPlatform {
  platform: PlatformName;
  api_base_url: string;
  credentials: Record<string, string>;
  chats: SandboxChat[];
  people: { id: string; name: string }[];
}

export interface SandboxChat {
  id: string;
  name: string;
  kind: 'direct' | 'group';
  /** Ids of who is in it beside the bot. */
  people: string[];
}

export interface SandboxMessage {
  id: string;
  from: 'person' | 'bot';
  name: string;
  text: string;
  /** The thread or topic it stands in: the id of the message that began it, on Telegram the topic's. */
  thread?: string;
  /** The message it quotes. */
  reply_to?: string;
  /** ISO 8601. */
  at: string;
  edited: boolean;
}

/** A chat as its people see it now. */
export interface SandboxView {
  /** The latest ones, oldest first. */
  items: SandboxMessage[];
  /** The bot shows that it is at work. */
  typing: boolean;
}

export interface SandboxSay {
  person: string;
  text: string;
  /** Names the bot; in groups it listens to nothing else. */
  mention?: boolean;
  /** A message's `thread`, or the id of a message to answer under. */
  thread?: string;
}

/** Why an order was not carried out; `field` is what was wrong with it. */
export class SandboxRefusal extends Error {
  override readonly name = 'SandboxRefusal';
  readonly code: 'not_found' | 'invalid_request';
  readonly field: string;

  constructor(code: SandboxRefusal['code'], field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
