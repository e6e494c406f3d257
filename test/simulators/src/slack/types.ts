import type { ObservableSimulator } from '../shared/index.ts';
import type { SimulatorOptions } from '../types.ts';

export interface SlackSimulatorOptions extends SimulatorOptions {
  /** How long the hub may take to acknowledge an event; default 3,000 as Slack does. Not divided by `speedup`. */
  ackTimeoutMs?: number;
  /** A direct message that nobody has opened is there as soon as the bot writes into it: for events that deploy/load makes. Default false. */
  strangers?: boolean;
}

export interface SlashInput {
  chat: string;
  kind?: 'direct' | 'group';
  /** With its slash: `/ai`. */
  command: string;
  text?: string;
  from?: string;
}

/** A Slack workspace with one installed app. Chats are named freely; ids like `C…`/`D…`/`G…` are used as they stand. */
export interface SlackSimulator extends ObservableSimulator {
  readonly platform: 'slack';
  readonly teamId: string;
  readonly appId: string;
  readonly botUserId: string;
  /** The platform's id of a chat or person that a test named. */
  chatId(name: string): string;
  userId(name: string): string;

  /** A person runs a slash command. Resolves at once; the hub's answer appears in the chat. */
  slash(input: SlashInput): Promise<{ triggerId: string; responseUrl: string }>;
  /** Sends the handshake that Slack sends when a request URL is saved; `ok`: the challenge came back. */
  urlVerification(): Promise<{ ok: boolean; status: number; body: string }>;

  /** Streams that the app has begun and not ended, by the ids of their channel and message. */
  openStreams(): { channel: string; ts: string }[];
  /** The "is thinking…" line under a thread, while it is shown. */
  threadStatus(chat: string, threadTs: string): string | undefined;
  /** Open Socket Mode connections. */
  socketCount(): number;
  /** Announces the end of every connection, as Slack does before it recycles them, and closes them. */
  disconnectSockets(reason?: 'warning' | 'refresh_requested' | 'link_disabled'): void;
}

/** A message in the shape of Slack's API. Only the fields the simulator itself looks at are named. */
export interface SlackMessage {
  type: 'message';
  subtype?: string;
  ts: string;
  user: string;
  team: string;
  text: string;
  bot_id?: string;
  app_id?: string;
  bot_profile?: Record<string, unknown>;
  client_msg_id?: string;
  blocks?: Block[];
  thread_ts?: string;
  parent_user_id?: string;
  metadata?: Metadata;
  edited?: { user: string; ts: string };
  reactions?: { name: string; users: string[]; count: number }[];
}

export type Block = { type: string } & Record<string, unknown>;

export interface Metadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

export interface Person {
  id: string;
  name: string;
  locale: string;
  isBot: boolean;
}

export interface Conversation {
  id: string;
  name: string;
  isIm: boolean;
  /** The other person of a direct message. */
  user: string | undefined;
  /** By ts, oldest first. */
  messages: Map<string, SlackMessage>;
}
