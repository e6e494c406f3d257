import type { InboundEvent, WebhookRequest, WebhookResult } from '@parley/core/adapter';
import type { Message } from '@parley/core/message';
import { startServer } from '@parley/simulators/shared';
import { until } from '../support/index.ts';

export type MessageEvent = Extract<InboundEvent, { kind: 'message' }>;

/** Stands where the gateway would: hands webhooks to the adapter, keeps the events and answers as the adapter says. */
export interface Inbox {
  url: string;
  events: readonly InboundEvent[];
  /** What `handleWebhook` threw; the platform got a 500 for it. */
  failures: readonly unknown[];
  /** Keeps events that came another way. */
  take(events: InboundEvent[]): void;
  /** The messages of one chat so far. */
  messagesIn(chat: string): MessageEvent[];
  /** Resolves with the message of this id (now or later). */
  message(sent: { id: string; chat: string }): Promise<Message>;
  close(): Promise<void>;
}

export async function startInbox(handleWebhook: (request: WebhookRequest) => Promise<WebhookResult>): Promise<Inbox> {
  const events: InboundEvent[] = [];
  const failures: unknown[] = [];
  const server = await startServer({
    async handle({ headers, body, query }) {
      try {
        const result = await handleWebhook({ headers, rawBody: body, query: Object.fromEntries(query) });
        events.push(...result.events);
        return result.response;
      } catch (error) {
        failures.push(error);
        return { status: 500 };
      }
    },
  });
  const messagesIn = (chat: string) =>
    events.filter((event) => event.kind === 'message').filter((event) => event.message.chat.id === chat);
  return {
    url: server.url,
    events,
    failures,
    take: (more) => void events.push(...more),
    messagesIn,
    async message({ id, chat }) {
      const found = () => messagesIn(chat).find(({ message }) => message.id === id);
      return (await until(`message ${id} of ${chat}`, found)).message;
    },
    close: server.close,
  };
}
