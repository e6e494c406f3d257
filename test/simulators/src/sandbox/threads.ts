import type { SayInput, SimMessage } from '../types.ts';
import { type PlatformName, SandboxRefusal } from './types.ts';

/** Where a thread's messages say that they stand, in words that are the same on all platforms. */
export function shownThread(platform: PlatformName, message: SimMessage): string | undefined {
  // Feishu's threads have ids of their own; every message in one answers the message that began it.
  return platform === 'feishu' && message.thread !== undefined ? message.replyTo : message.thread;
}

type Place = Pick<SayInput, 'thread' | 'replyTo'>;

/** Longer than any id, short enough for the name of a topic. */
const MAX_THREAD_LENGTH = 128;

/** What a simulator is told about where a message goes. @throws SandboxRefusal for a thread that is not there */
export function placeOf(platform: PlatformName, transcript: readonly SimMessage[], thread: string): Place {
  const message = transcript.find(({ id }) => id === thread);
  if (platform === 'telegram') return topicOrReply(transcript, thread, message);
  if (message === undefined) throw unknown();
  if (platform === 'slack') return { thread: message.thread ?? message.id };
  const known = message.thread ?? transcript.find(({ thread: t, replyTo }) => t && replyTo === message.id)?.thread;
  return known === undefined ? { thread: `under ${message.id}`, replyTo: message.id } : { thread: known };
}

/** Telegram has topics, made by naming them, and no threads under messages: there one replies. */
function topicOrReply(transcript: readonly SimMessage[], thread: string, message: SimMessage | undefined): Place {
  if (message !== undefined) return { replyTo: message.id, ...(message.thread && { thread: message.thread }) };
  const isTopic = transcript.some((one) => one.thread === thread);
  if (!isTopic && (/^\d+$/.test(thread) || thread.length > MAX_THREAD_LENGTH)) throw unknown();
  return { thread };
}

const unknown = () => new SandboxRefusal('invalid_request', 'thread', 'no such message or thread in this chat');
