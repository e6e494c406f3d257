import { conversationOf, type Envelope } from '@parley/core/bus';
import { type Message, newRequestId } from '@parley/core/message';

let counter = 0;

/** A plain message of alice in a direct chat; whatever `over` says is different. */
export function aMessage(over: Partial<Message> = {}): Message {
  counter++;
  return {
    id: `m${counter}`,
    chat: { id: 'chat-1', kind: 'direct' },
    sender: { id: 'alice' },
    text: `question ${counter}`,
    mentions: [],
    contextRefs: [],
    attachments: [],
    language: 'en',
    sentAt: 1_800_000_000_000 + counter,
    ...over,
  };
}

export function anEnvelope(over: Partial<Message> = {}, tenant = 'acme', channel = 'acme-slack'): Envelope {
  const message = aMessage(over);
  const conversation = conversationOf({
    tenant,
    channel,
    scope: 'chat',
    chat: message.chat.id,
    user: message.sender.id,
  });
  return { turn: newRequestId(), tenant, channel, platform: 'slack', conversation, message, receivedAt: Date.now() };
}
