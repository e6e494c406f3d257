import type { InboundEvent } from '@parley/core/adapter';
import { type Attachment, IGNORE_REASONS, type Message } from '@parley/core/message';
import { expect } from 'vitest';
import type { Credentials, PlatformDescriptor } from './descriptor.ts';
import type { MessageEvent } from './inbox.ts';

const MAX_STATE_BYTES = 4096;
const ATTACHMENT_KINDS: readonly Attachment['kind'][] = ['image', 'file', 'audio', 'video', 'sticker'];

/** Checks what must hold of any event on any platform. */
export function expectSoundEvent(event: InboundEvent, descriptor: PlatformDescriptor, credentials: Credentials): void {
  if (event.kind === 'ignored') {
    expect(IGNORE_REASONS).toContain(event.reason);
  } else if (event.kind === 'deleted') {
    expect([event.key, event.chat.id].every(isId)).toBe(true);
  } else {
    const dedupeKeys = event.kind === 'message' ? event.dedupeKeys : [event.key];
    expectSoundMessage({ kind: 'message', message: event.message, dedupeKeys }, descriptor, credentials);
  }
}

/** The sentences of core's `Message`. */
function expectSoundMessage(event: MessageEvent, descriptor: PlatformDescriptor, credentials: Credentials): void {
  const { message, dedupeKeys } = event;
  expectIds(message);
  expectText(message, descriptor);
  expectAttachments(message.attachments);
  expect(['en', 'zh']).toContain(message.language);
  // Milliseconds, neither seconds nor microseconds, and never "unknown".
  expect(message.sentAt).toBeGreaterThan(Date.UTC(2015, 0));
  expect(message.sentAt).toBeLessThan(Date.UTC(2100, 0));

  expect(dedupeKeys).not.toEqual([]);
  expect(dedupeKeys).toEqual([...new Set(dedupeKeys)].filter(isId));

  const json = JSON.stringify(event);
  expect(JSON.parse(json)).toEqual(event);
  for (const name of descriptor.secrets) if (credentials[name]) expect(json).not.toContain(credentials[name]);
  expect(JSON.stringify(message.state ?? {}).length).toBeLessThan(MAX_STATE_BYTES);
}

const isId = (id: unknown) => typeof id === 'string' && id.trim() !== '' && id !== 'undefined' && id !== 'null';

function expectIds({ id, chat, sender, thread, opensThread, replyTo, mentions, contextRefs }: Message): void {
  for (const one of [id, chat.id, sender.id, ...mentions.map((mention) => mention.id)]) expect(one).toSatisfy(isId);
  for (const one of [thread, opensThread, replyTo]) if (one !== undefined) expect(one).toSatisfy(isId);
  expect(['direct', 'group']).toContain(chat.kind);
  // A message inside a thread is answered there: it opens none.
  expect(thread === undefined || opensThread === undefined).toBe(true);
  expect(contextRefs).toEqual([...new Set(contextRefs)].filter(isId));
}

function expectText({ text, command, addressed }: Message, { recorded }: PlatformDescriptor): void {
  expect(text).toBe(text.trim());
  for (const name of addressed === 'mention' ? recorded.ownNames : []) expect(text).not.toContain(name);
  if (command === undefined) return;
  expect(command.name).toMatch(/^\/[a-z0-9_]{1,32}$/);
  expect(text).toBe(command.args);
}

/** By reference only: nothing in an attachment is bytes. */
function expectAttachments(attachments: Attachment[]): void {
  for (const { id, kind, sizeBytes, ...rest } of attachments) {
    expect(id).toSatisfy(isId);
    expect(ATTACHMENT_KINDS).toContain(kind);
    if (sizeBytes !== undefined) expect(sizeBytes).toBeGreaterThanOrEqual(0);
    for (const value of Object.values(rest)) expect(['string', 'undefined']).toContain(typeof value);
    for (const name of Object.keys(rest)) expect(['name', 'mimeType']).toContain(name);
  }
}
