import type { Logger } from 'pino';
import type { ChannelConfig } from '../config/index.ts';
import type { Attachment, IgnoreReason, Message, Platform } from '../message/index.ts';
import type { Network } from '../network/index.ts';

export { type Answer, type Exchange, exchange } from './exchange.ts';
export { wasNeverSent } from './never-sent.ts';
export { within } from './within.ts';

/**
 * One chat platform behind one channel (one configured bot). The hub makes one adapter per channel and closes it when
 * the channel's configuration changes. An adapter knows no Redis, no quota, no triggers and no models.
 *
 * Every method may throw `ParleyError`; anything else that escapes counts as a bug and is reported as `internal`.
 */
export interface Adapter {
  readonly platform: Platform;

  /**
   * Verifies and parses one webhook request. Called before anything is durable, so it must be fast, must not call the
   * platform unless it cannot parse without (identity of the bot), and must have no side effects.
   *
   * Refusals are thrown: `unauthorized` (401) bad, missing or stale signature; `invalid_request` (400) malformed;
   * `unavailable` (503) when the event cannot be understood right now and the platform should deliver it again.
   * The gateway sends `response` only after every event of kind `message` is durable.
   */
  handleWebhook(request: WebhookRequest): Promise<WebhookResult>;

  /**
   * Turns the model's markdown into the platform's payloads, split at the platform's limits. Pure, and the same input
   * gives the same parts: a restarted worker relies on it to go on at the part it had reached.
   */
  formatReply(markdown: string): OutgoingPart[];

  /**
   * Sends one part to where `target` says. Throws `platform_*` errors; a timeout after the request was written has
   * `outcomeUnknown`. When the platform refuses the markup, the adapter itself sends `part.plain` instead.
   */
  postMessage(target: ReplyTarget, part: OutgoingPart, options: SendOptions): Promise<Receipt>;

  /**
   * How a send whose outcome is unknown (a crash, a cut socket) is settled without ever repeating it blindly:
   * `idempotent`: `postMessage` with the same key shows one message however often it is called (for `idempotencyMs`);
   * `findable`: `findSent` tells whether the platform has it;
   * `placeholder`: neither, so every part is sent through `startStream`: a placeholder first, which is then edited into
   * the answer. Editing is idempotent, and a doubtful placeholder costs a stray `…`, never a second answer.
   */
  readonly certainty: 'idempotent' | 'findable' | 'placeholder';
  readonly idempotencyMs?: number;

  /** What the platform allows, for the governor. The published limits, a little below where they are enforced sharply. */
  readonly limits: PlatformLimits;

  /**
   * Begins to show an answer while it is written. Optional, except where `certainty` is `placeholder`.
   *
   * @param earlier the state an earlier attempt at this turn saved last: go on with that message, never begin a second
   */
  startStream?(target: ReplyTarget, options: StreamOptions, earlier?: StreamState): Promise<AnswerStream>;

  /** Replaces the content of a message this bot sent. "Not modified" is success. */
  editMessage?(target: ReplyTarget, receipt: Receipt, part: OutgoingPart, options: SendOptions): Promise<void>;

  /**
   * Looks whether a send whose outcome is unknown reached the platform (by the mark it carries); resolves with its
   * receipt, or undefined when it is certain that it did not. Throws `platform_*` when it cannot tell, and
   * `platform_rejected` when asking again will not help either.
   */
  findSent?(target: ReplyTarget, idempotencyKey: string): Promise<Receipt | undefined>;

  /**
   * Shows that the bot works on an answer. Called at once and then every `typingIntervalMs` until the answer is sent;
   * failures are ignored by the caller. `stopTyping` is called once at the end where the indicator does not vanish by
   * itself (it gets what startTyping returned last).
   */
  startTyping?(target: ReplyTarget): Promise<unknown>;
  stopTyping?(target: ReplyTarget, handle: unknown): Promise<void>;
  readonly typingIntervalMs?: number;

  /** The bytes of an attachment, bounded by `maxBytes` (`payload_too_large` beyond it). Secrets stay inside. */
  fetchFile?(message: Pick<Message, 'id' | 'chat'>, attachment: Attachment, maxBytes: number): Promise<Uint8Array>;

  /**
   * Receives events over a long connection until `signal` aborts (then resolves) or the connection is beyond repair
   * (then rejects; the caller backs off and calls again). `sink` must have resolved before the platform is told that
   * an event was taken. Called on exactly one process per channel at a time.
   */
  connect?(sink: EventSink, signal: AbortSignal): Promise<void>;

  /** Registers the webhook, commands and the like at the platform. Idempotent; called by one process at a time. */
  register?(webhookUrl: string): Promise<void>;

  /** For `parley doctor`: one cheap authenticated call. Resolves with a line for people, rejects with what is wrong. */
  probe(): Promise<ProbeResult>;

  /** Frees sockets and timers. Called once; no method is called after it. */
  close(): Promise<void>;
}

/** What an adapter is made from. `index.ts` of every adapter exports `createAdapter: CreateAdapter` and nothing else. */
export type CreateAdapter = (channel: ChannelConfig, deps: AdapterDeps) => Adapter;

export interface AdapterDeps {
  logger: Logger;
  /** Small values shared by all processes of the hub (platform access tokens, the bot's identity). May lose values. */
  cache: SharedCache;
  /** Unix milliseconds; tests put their own clock here. */
  now: () => number;
  /** How all sockets are opened where the channel's address came from the console; absent: as always. */
  network?: Network | undefined;
}

export interface SharedCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
}

export interface WebhookRequest {
  /** Lower-case names, as node:http gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The exact bytes received: signatures are over these. */
  rawBody: Buffer;
  query: Readonly<Record<string, string | undefined>>;
}

export interface WebhookResult {
  /** What the platform gets once all is durable. */
  response: WebhookResponse;
  events: InboundEvent[];
}

export interface WebhookResponse {
  status: number;
  headers?: Record<string, string>;
  /** A string goes out as it is, an object as JSON, nothing as an empty body. */
  body?: string | Record<string, unknown>;
}

/** Takes the events of one platform delivery; resolves when they are durable. */
export type EventSink = (events: InboundEvent[]) => Promise<void>;

export type InboundEvent =
  /** A person changed an own message; honoured while it still waits. `key` is one of the message's dedupe keys. */
  | { kind: 'edited'; key: string; message: Message }
  /** A person took an own message back; honoured while it still waits. */
  | { kind: 'deleted'; key: string; chat: Message['chat'] }
  | {
      kind: 'message';
      message: Message;
      /**
       * Every name under which the platform may deliver this same message again (event id, message id, …). The bus
       * drops the message when it has seen any of them.
       */
      dedupeKeys: string[];
    }
  | { kind: 'ignored'; reason: IgnoreReason };

/** Where an answer goes: made by the core from the `Message` it answers. */
export interface ReplyTarget {
  chat: Message['chat'];
  thread?: string | undefined;
  /** The message being answered: quoted in groups, opens the thread on Slack. */
  messageId: string;
  senderId: string;
  state?: Record<string, unknown> | undefined;
}

/** One message to be sent. Made by `formatReply` of the same adapter; opaque to everybody else, and plain JSON. */
export interface OutgoingPart {
  payload: Record<string, unknown>;
  /** The same text without markup, for when the platform refuses the payload. */
  plain: string;
}

export interface SendOptions {
  /** Unique per logical send (turn and part), stable across retries, at most 50 characters of [A-Za-z0-9_-]. */
  idempotencyKey: string;
  signal?: AbortSignal | undefined;
}

export interface StreamOptions extends SendOptions {
  /**
   * Writes what another process needs in order to go on with this stream into the turn's record. Called before
   * something becomes visible that could not be found again, and whenever the state changes. Throws when this process
   * no longer owns the turn: then stop at once.
   *
   * @param ref the id of a message that has just become known, where a reply does not say whose message it is under: from
   * now on one to it is for the bot, also while it is still being written
   */
  save(state: StreamState, ref?: string): Promise<void>;
}

/** Plain JSON, small, no secrets; only its adapter understands it. */
export type StreamState = Record<string, unknown>;

/** One answer being shown. Calls never overlap. */
export interface AnswerStream {
  /**
   * Shows the text so far: markdown whose half-open constructs are closed, already short enough for one message.
   * May be skipped at any time. Throws `platform_rate_limited` (the caller shows less), any other error ends previews
   * (the caller goes on to `finish`). Nothing may be visible before the first call where the platform allows that.
   */
  update(markdown: string): Promise<void>;
  /**
   * Makes the message show exactly `part` and ends the streaming state. Idempotent: may be repeated, also by another
   * process after `startStream(…, earlier)`. Falls back inside the same message where it can (full update instead of
   * stream, plain text instead of markup). Throws `platform_rejected` when this message can no longer be made to show
   * it (deleted, expired): the caller then posts the part anew.
   */
  finish(part: OutgoingPart): Promise<Receipt>;
  /** Frees timers and sockets without touching the message: the turn is handed back or was lost. */
  abandon(): void;
  /** Least time between two updates that makes sense on this platform and in this chat, in milliseconds. */
  readonly intervalMs: number;
  /** Operations the governor counts for one `update` and for `finish`; default 1 each. */
  readonly cost?: { update: number; finish: number };
}

/** Token buckets: `burst` operations at once, refilled at `perSecond`. */
export interface RateLimit {
  perSecond: number;
  burst: number;
}

export interface PlatformLimits {
  /** All operations of the bot together. */
  bot: RateLimit;
  /** Operations in one chat. */
  direct: RateLimit;
  group: RateLimit;
}

/** Proof that the platform took a message. Plain JSON; kept in the turn's record. */
export interface Receipt {
  messageId: string;
  /** Ids under which later messages may point back at this one (message id, thread id): the bot's own references. */
  refs: string[];
}

export interface ProbeResult {
  /** Who the credentials belong to, e.g. `@acme_bot`. */
  identity: string;
  /** What a person still has to set at the platform, e.g. the request URL. */
  hints: string[];
}
