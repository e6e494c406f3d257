import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/**
 * Every Redis key of the hub but BullMQ's. All keys of one chat share a hash tag, so that one script may touch them in
 * a Redis Cluster; chats are spread over a fixed number of tags, so that pending conversations can be listed without
 * knowing them.
 */
const SHARDS = 16;
const PREFIX = 'parley';

/** Pub/Sub channels: none is a key, so they need no tag. */
export const EVENTS_CHANNEL = 'parley:events';
export const OWN_REFS_CHANNEL = 'parley:own-refs';
export const STOPS_CHANNEL = 'parley:stops';
/** Finished turns: which and how they ended, never what was said. */
export const TURNS_CHANNEL = 'parley:turns';

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

/** Names of chats that were busy lately: each message needs its chat's several times, and hashing is not for nothing. */
const chats = new LRUCache<string, { shard: number; name: string }>({ max: 20_000 });

function namesOf(channel: string, chat: string): { shard: number; name: string } {
  const id = `${channel}\0${chat}`;
  let names = chats.get(id);
  if (!names) {
    names = { shard: hash('sha1', id, 'buffer').readUInt32BE(0) % SHARDS, name: shortHash(chat) };
    chats.set(id, names);
  }
  return names;
}

/** The shard of a chat; the same for every conversation inside it. */
export function shardOf(channel: string, chat: string): number {
  return namesOf(channel, chat).shard;
}

export interface ConversationAddress {
  /** Opaque, unique over all tenants; safe in keys and as a BullMQ deduplication id. */
  id: string;
  shard: number;
}

/**
 * The conversation a message belongs to, by the tenant's session scope. The parts are hashed, so chat ids of any shape
 * make a short key.
 */
export function conversationOf(parts: {
  tenant: string;
  channel: string;
  scope: 'chat' | 'thread' | 'user';
  chat: string;
  thread?: string | undefined;
  user: string;
}): ConversationAddress {
  const within =
    parts.scope === 'user' ? `u\0${parts.user}` : parts.scope === 'thread' ? `t\0${parts.thread ?? ''}` : '';
  const name = shortHash([parts.tenant, parts.channel, parts.chat, within].join('\0'));
  return { id: `${parts.tenant}.${parts.channel}.${name}`, shard: shardOf(parts.channel, parts.chat) };
}

const HASH_WIDTH = 22;

/** The part of a conversation's id that its tenant and channel do not tell; with them `conversationNamed` finds it again. */
export function nameOf(conversation: ConversationAddress): string {
  return conversation.id.slice(-HASH_WIDTH);
}

export function conversationNamed(
  name: string,
  { tenant, channel, chat }: { tenant: string; channel: string; chat: string },
): ConversationAddress {
  return { id: `${tenant}.${channel}.${name}`, shard: shardOf(channel, chat) };
}

/** A platform's event as it is remembered: 96 bits, because millions of these are kept. */
export function eventName(channel: string, key: string): string {
  return hash('sha256', `${channel}\0${key}`, 'base64url').slice(0, 16);
}

const tag = (shard: number) => `${PREFIX}:{p${shard}}`;

function inChat(what: string, channel: string, chat: string): string {
  const { shard, name } = namesOf(channel, chat);
  return `${tag(shard)}:${what}:${channel}:${name}`;
}

export const keys = {
  /** List: waiting messages of a conversation, oldest first; the head stays until its turn is complete. */
  mailbox: (c: ConversationAddress) => `${tag(c.shard)}:mailbox:${c.id}`,
  /** String: which worker owns the conversation now; expires unless renewed. */
  lock: (c: ConversationAddress) => `${tag(c.shard)}:lock:${c.id}`,
  /** Hash: the record of the head's turn; gone when the turn is complete. */
  turn: (c: ConversationAddress) => `${tag(c.shard)}:turn:${c.id}`,
  /** List: what was said, as JSON ChatMessages; trimmed and expiring as the tenant's session says. */
  history: (c: ConversationAddress) => `${tag(c.shard)}:history:${c.id}`,
  /** Hash: what people chose for the conversation (`model`), who took it over (`human`), and that Redis knows it (`known`). */
  settings: (c: ConversationAddress) => `${tag(c.shard)}:settings:${c.id}`,
  /** Hash by conversation: who took it over, as in its settings. */
  takenOver: (shard: number) => `${tag(shard)}:taken-over`,
  /** String: that the flood notice of a conversation was given lately. */
  flood: (c: ConversationAddress) => `${tag(c.shard)}:flood:${c.id}`,
  /** String: a platform's event that was seen (`eventName`); the value names the conversation it belongs to. */
  seen: (shard: number, event: string) => `${tag(shard)}:seen:${event}`,
  /** Sorted set of conversations with waiting messages; score: last sign of life, Unix ms. */
  pending: (shard: number) => `${tag(shard)}:pending`,
  /** Counter: waiting messages of a shard. */
  depth: (shard: number) => `${tag(shard)}:depth`,
  /** String without a meaning: what is written before asking whether the replicas have all that came before it. */
  replicated: (shard: number) => `${tag(shard)}:replicated`,
  /** Stream: finished turns on their way to Postgres. */
  archive: (shard: number) => `${tag(shard)}:archive`,
  /** Sorted set, all scores 0: turns of a tenant that were given up; their ids sort by time. */
  deadIndex: (shard: number, tenant: string) => `${tag(shard)}:dead:${tenant}`,
  /** Hash: the same turns' dead letters by id. */
  deadLetters: (shard: number, tenant: string) => `${tag(shard)}:dead-letters:${tenant}`,
  /** Hashes by tenant: how many dead letters are kept, and how many were dropped because there were too many. */
  deadCounts: (shard: number) => `${tag(shard)}:dead-counts`,
  deadDropped: (shard: number) => `${tag(shard)}:dead-dropped`,
  /** Sorted set: ids of the bot's own messages and threads in a chat; score: when, Unix ms. */
  ownRefs: (channel: string, chat: string) => inChat('own', channel, chat),
  /** Hash: the pace of what is sent into one chat, and of all that a bot sends. */
  chatPace: (channel: string, chat: string) => inChat('pace', channel, chat),
  botPace: (channel: string) => `${PREFIX}:{pace:${channel}}`,
  lease: (name: string) => `${PREFIX}:{lease:${name}}`,
  shared: (channel: string, key: string) => `${PREFIX}:cache:${channel}:${key}`,
};

function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, HASH_WIDTH);
}
