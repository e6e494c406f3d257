import type { WebhookRequest } from '@parley/core/adapter';
import type { Platform } from '@parley/core/message';
import type { PlatformSimulator, SentMessage, SimMessage } from '@parley/simulators';
import type { SimResponse } from '@parley/simulators/shared';

export type Credentials = Record<string, string>;

/**
 * All that the contract suite has to know about a platform: one file per platform in `platforms/`, and the recorded
 * payloads in `fixtures/`. What a platform does not have is left out where a field is optional, and is a reason (a
 * sentence) in `situations`, so that nothing is missing by mistake.
 */
export interface PlatformDescriptor {
  platform: Platform;
  /** Credentials that nobody may ever see in a message, an error or a log line. */
  secrets: readonly string[];
  /** Credentials in which one character is wrong, so that the platform refuses them. */
  spoil(credentials: Credentials): Credentials;
  recorded: Recorded;
  /** Every way in which this platform's requests are told from a stranger's. */
  verification: readonly Verification[];
  /** The request as the platform sends it, signed with `credentials` (those absent are not used). */
  request(payload: Payload, options: RequestOptions): WebhookRequest;
  situations: Situations;
  live: Live;
  outgoing: Outgoing;
}

/** A webhook body before it is encoded. */
export type Payload = { json: unknown } | { form: Record<string, string> };

export interface RequestOptions {
  credentials: Credentials;
  /** The platform's clock, Unix milliseconds. */
  at: number;
  /** Prints the payload with other white space (or escapes), which must change nothing. */
  spaced?: boolean;
  /** Sent instead of the payload, signed all the same. */
  text?: string;
}

/** The bot of the recorded payloads, and what the platform answers about it. */
export interface Recorded {
  credentials: Credentials;
  /** How the bot itself is named in the payloads: none of it may be left in a message's text. */
  ownNames: readonly string[];
  /** The file's content as a webhook body; default `{ json: content }`. */
  payload?(name: string, content: unknown): Payload;
  /** Answers a call that asks who the bot is or for a token, by its path; undefined for any other. */
  identity(path: string): SimResponse | undefined;
  /** Answers the calls that lead to the bytes of the file in the `file` situation, or undefined. */
  file(path: string, origin: string, bytes: Buffer): SimResponse | undefined;
}

export interface Verification {
  name: string;
  /** The credentials in use; all others that prove a request are taken out of the channel's. */
  proof: readonly string[];
  /** Every credential of the platform that can prove a request. */
  provable: readonly string[];
  /** Headers that carry the proof. */
  headers: readonly string[];
  /** Whether a part of the proof stands in the body, so that a body without it is a stranger's. */
  inBody: boolean;
  /** Whether the proof covers the bytes of the body. */
  coversBody: boolean;
  /** How old a request may be, and how far ahead, in milliseconds; absent where requests carry no time. */
  window?: { ageMs: number; aheadMs: number };
}

/** What each recorded payload stands for. A string that is no file's name says why the platform has no such thing. */
export interface Situations {
  direct: string;
  groupMention: string;
  bareMention: string;
  groupChatter: string;
  thread: string;
  replyToBot: string;
  file: string;
  askCommand: string;
  resetCommand: string;
  otherBotCommand: string;
  ownMessage: string;
  otherBotMessage: string;
  edit: string;
  join: string;
  handshake: string;
  /** Two events of one post, as `first + second`. */
  secondEvent: string;
}

/** How people act in the simulator where its common controls do not reach. */
export interface Live {
  start(): Promise<PlatformSimulator>;
  /** A person types a command, its name without the slash. */
  command(simulator: PlatformSimulator, input: CommandInput): Promise<SentMessage>;
  /** The thread of a first message somebody wrote into it, by the name that `SayInput.thread` takes. */
  openThread(simulator: PlatformSimulator, chat: string): Promise<string>;
  /** The typing indicator that belongs to an answer to `question`. */
  isTyping?(simulator: PlatformSimulator, question: { id: string; chat: string; thread: string | undefined }): boolean;
  /** The platform asks whether the request URL is ours; resolves with whether the answer satisfied it. */
  handshake?(simulator: PlatformSimulator): Promise<boolean>;
  /** `channel.transport` of long connections. */
  transport?: string;
}

export interface CommandInput {
  chat: string;
  kind: 'direct' | 'group';
  name: string;
  args: string;
}

export interface Outgoing {
  /** Methods that send and that edit, as the simulator names them in `calls`. */
  sends: RegExp;
  edits: RegExp;
  /** The platform's own error for markup that it does not take, by its name or number. */
  markupRefused: string;
  /** The body of an answer that says no, which some platforms send with HTTP 200. */
  refusal: Record<string, unknown>;
  /** Size of a part by the platform's published measure, which must not exceed `limit`. */
  size(payload: Record<string, unknown>): number;
  limit: number;
  /** The longest plain text that the platform takes, in characters. */
  plainLimit: number;
  /** People or groups that this message would notify, read from the payload as the API got it. */
  pings(message: SimMessage): string[];
}
