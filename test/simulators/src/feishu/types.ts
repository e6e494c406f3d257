import type { ObservableSimulator } from '../shared/index.ts';
import type { SayInput, SentMessage, SimulatorOptions } from '../types.ts';
import type { UrlCheck } from './outbox.ts';
import type { ClientConfig } from './socket.ts';
import type { Reaction } from './world.ts';

export interface FeishuSimulatorOptions extends SimulatorOptions {
  /** The app has an Encrypt Key: events are encrypted and signed. False: plain, with only the token. Default true. */
  encrypt?: boolean;
  /** Which envelope received messages come in; `v1` is that of apps from before 2021. Default `v2`. */
  schema?: 'v1' | 'v2';
  /** Prints event bodies with extra white space: whoever hashes anything but the raw bytes fails. Default false. */
  spacedJson?: boolean;
  /** How long a tenant token lives; default 7,200 as on the real platform. */
  tokenSeconds?: number;
  /** What long-connection clients are told about pings and reconnecting. */
  clientConfig?: Partial<ClientConfig>;
  /** Events longer than this many bytes come in several frames of a long connection; default 65,536. */
  fragmentBytes?: number;
  /** The platform's clock in Unix milliseconds (tokens, uuids, streaming timeouts, timestamps); default `Date.now`. */
  now?: () => number;
}

export interface FeishuSayInput extends SayInput {
  /** Names of other people mentioned in front of the text. */
  mentions?: string[];
  /** Mentions everybody in front of the text. */
  mentionAll?: boolean;
  /** The speaker is another bot, named by `from`. */
  fromBot?: boolean;
  /** A file or image instead of the text. */
  file?: { kind: 'image' | 'file'; name: string; bytes: Uint8Array };
  /** Any other message, such as a post; `text` is ignored. */
  content?: { msgType: string; body: Record<string, unknown> };
}

/** The Feishu of one app. Chats, people and threads may be named by name or by id. */
export interface FeishuSimulator extends ObservableSimulator {
  readonly platform: 'feishu';
  readonly appId: string;
  readonly tenantKey: string;
  /** The bot's own open_id: what a mention of it carries. */
  readonly botOpenId: string;
  chatId(name: string): string;
  /** open_id of a person. */
  userId(name: string): string;

  say(input: FeishuSayInput): Promise<SentMessage>;
  /** A person puts a reaction under a message (an event goes out). */
  react(messageId: string, emojiType: string, from?: string): void;
  /** The reactions under a message, oldest first. */
  reactions(messageId: string): readonly Reaction[];
  /** A person has read the bot's messages: noise most hubs ignore. */
  read(messageIds: string[], from?: string): void;
  /** Puts the bot into a chat (an event goes out), or out of it. */
  addBot(chat: string, from?: string): void;
  removeBot(chat: string): void;

  /** Sends `url_verification` to the webhook, as saving the request URL in the developer console does. */
  checkUrl(): Promise<UrlCheck>;
  /** Makes all access tokens invalid at once. */
  expireTokens(): void;
  /** Open long connections. */
  socketCount(): number;
  /** Breaks all long connections without a close frame. */
  dropSockets(): void;
  /** Events neither accepted nor given up. */
  pendingEvents(): number;
}
