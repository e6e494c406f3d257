/**
 * What all platform simulators share. A simulator is a stateful server on 127.0.0.1 (port 0) that plays the platform's
 * API, keeps each chat as a person would see it, and delivers signed events to the hub like the real platform does.
 */
export interface PlatformSimulator {
  readonly platform: 'feishu' | 'telegram' | 'slack';
  /** Base URL of the platform's API: a channel's `api_base_url`. */
  readonly url: string;
  /** Credentials the simulator accepts, in the shape of a channel's `credentials`. */
  readonly credentials: Record<string, string>;

  /** Where events are delivered. Unset: kept until it is set (or taken by long polling / a socket). */
  setWebhook(url: string | undefined): void;
  /** Makes every redelivery that waits for its time on the platform's ladder now. */
  redeliverNow(): void;

  /** A person says something: the chat shows it, and the event goes out. Resolves at once with the message's id. */
  say(input: SayInput): Promise<SentMessage>;
  /** A person edits or deletes an own message. */
  edit(chat: string, messageId: string, text: string): Promise<void>;
  remove(chat: string, messageId: string): Promise<void>;

  /** Every message of a chat, oldest first, in its present state; deleted ones are gone. */
  transcript(chat: string): SimMessage[];
  /** Resolves with the first message in `chat` that satisfies `match` (now or later); rejects after `timeoutMs` with the transcript. */
  waitFor(chat: string, match: (message: SimMessage) => boolean, timeoutMs?: number): Promise<SimMessage>;

  /** Every API call the hub made, oldest first (bounded to the last 10,000). Secrets in it are replaced by `***`. */
  readonly calls: readonly ApiCall[];
  /** Every webhook delivery and how the hub answered, oldest first (bounded likewise). */
  readonly deliveries: readonly Delivery[];

  /** Makes the API misbehave; returns how to stop it. Rules are tried in order, the first that matches applies. */
  misbehave(fault: ApiFault): () => void;
  /** Makes deliveries misbehave; returns how to stop it. */
  disturb(fault: DeliveryFault): () => void;

  close(): Promise<void>;
}

export interface SayInput {
  /** Chat id; made on first use. `kind` decides what it is then (default `direct`). */
  chat: string;
  kind?: 'direct' | 'group';
  text: string;
  /** Who speaks; default `alice`. Other people are made on first use. */
  from?: string;
  /** Prefixes the text with a real mention of the bot. */
  mentionBot?: boolean;
  /** Stands in this thread / topic. */
  thread?: string;
  /** Replies to this message. */
  replyTo?: string;
  /** The person's client language, where the platform tells it. */
  locale?: 'en' | 'zh';
}

export interface SentMessage {
  id: string;
  chat: string;
}

export interface SimMessage {
  id: string;
  chat: string;
  thread?: string | undefined;
  replyTo?: string | undefined;
  author: 'person' | 'bot';
  authorId: string;
  /** The text as a person reads it, markup rendered away. */
  text: string;
  /** The payload as the API got it (bot) or made it (person). */
  raw: unknown;
  /** How often it was edited. */
  edits: number;
  /** Every text it has had, oldest first, the present one last. */
  versions: string[];
  at: number;
}

export interface ApiCall {
  method: string;
  body: unknown;
  status: number;
  at: number;
}

export interface Delivery {
  /** The platform's id of the event. */
  eventId: string;
  attempt: number;
  /** HTTP status of the hub; 0 when it could not be reached. */
  status: number;
  at: number;
}

export interface ApiFault {
  /** Method names it applies to (Slack `chat.postMessage`, Telegram `sendMessage`, Feishu `im.message.create`); all if absent. */
  method?: string | RegExp;
  /** How many calls it hits; default all until stopped. */
  times?: number;
  action:
    | { kind: 'delay'; ms: number }
    /** The platform's own throttling answer, with its Retry-After in seconds. */
    | { kind: 'rate_limit'; retryAfterSeconds: number }
    /** The platform's own error of that name. */
    | { kind: 'error'; error: string }
    | { kind: 'status'; status: number; body?: string }
    /** Closes the socket without an answer: before the call has its effect, or after it (the outcome-unknown case). */
    | { kind: 'cut'; when: 'before' | 'after' };
}

export interface DeliveryFault {
  times?: number;
  action: { kind: 'delay'; ms: number } | { kind: 'duplicate' } | { kind: 'reorder' } | { kind: 'drop' };
}

export interface SimulatorOptions {
  /** Divides every waiting time of the redelivery ladder; default 1 (as the platform really waits). */
  speedup?: number;
  /** Enforce the platform's published rate limits; default false. */
  rateLimits?: boolean;
  port?: number;
  /** Credentials nobody else knows instead of those that stand in the source; default false. Feishu's always are. */
  randomSecrets?: boolean;
}
