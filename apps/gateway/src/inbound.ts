import type { Channel } from '@parley/adapter-registry';
import type { InboundEvent } from '@parley/core/adapter';
import {
  type Amender,
  type BacklogGauge,
  conversationOf,
  type OwnRefs,
  overlapOf,
  type Publisher,
} from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { hubText } from '@parley/core/i18n';
import { decideTrigger, type Message, newRequestId } from '@parley/core/message';
import type { Metrics, Tracing } from '@parley/core/telemetry';
import type { Logger } from 'pino';
import { type Arrival, beginReceipt } from './receipt.ts';

export interface InboundOptions {
  publisher: Publisher;
  amender: Amender;
  ownRefs: OwnRefs;
  backlog: BacklogGauge;
  /** Waiting messages, all conversations together, from which on the hub refuses new ones. */
  maxBacklog: number;
  metrics: Metrics;
  logger: Logger;
  /** Told of every event of a channel, for its health in the console. */
  noteEvent?: ((channel: string, outcome: string, seen?: string) => void) | undefined;
  /** Absent: no traces. */
  tracing?: Tracing | undefined;
  now?: () => number;
}

/** The one way into the hub for events, whether they came by webhook or over a long connection. */
export interface Inbound {
  /**
   * Resolves when every message that is for the bot is durable; rejects with `unavailable` when it cannot be.
   *
   * @param arrival how the events came; for traces, and absent without them
   */
  accept(channel: Channel, events: InboundEvent[], arrival?: Arrival): Promise<void>;
}

type Amendment = Extract<InboundEvent, { kind: 'edited' | 'deleted' }>;

const RETRY_AFTER_MS = 5000;
/**
 * How long one message may take to become durable. Slack and Feishu wait three seconds; several commands in a row, or
 * behind others, would each have their own time limit. What lands in Redis after all is a duplicate when it comes again.
 */
const DURABLE_WITHIN_MS = 2_500;

export function createInbound(options: InboundOptions): Inbound {
  const {
    publisher,
    amender,
    ownRefs,
    backlog,
    maxBacklog,
    metrics,
    logger,
    noteEvent,
    tracing,
    now = Date.now,
  } = options;
  /** Messages on their way into Redis, not yet part of the backlog: without them a burst would overrun the bound. */
  let publishing = 0;
  const count = ({ config }: Pick<Channel, 'config'>, outcome: string, message?: Message) => {
    metrics.events.inc({ platform: config.platform, outcome });
    noteEvent?.(config.id, outcome, message && kindOf(message));
  };

  async function acceptMessage(
    channel: Channel,
    { message, dedupeKeys }: Extract<InboundEvent, { kind: 'message' }>,
    arrival: Arrival | undefined,
    { within }: Patience,
  ): Promise<void> {
    const { config, tenant } = channel;
    const isOwnRef = (refs: string[]) => within(whenRedis(ownRefs.isOwn(config.id, message.chat.id, refs)));
    const decision = await decideTrigger(message, config.triggers, isOwnRef);
    if (!decision.accept) {
      count(channel, decision.reason, message);
      logger.debug({ channel: config.id, reason: decision.reason }, 'message ignored');
      return;
    }
    const receivedAt = now();
    const { plan, stops } = overlapOf(config, message, receivedAt);
    const waiting = backlog.total + publishing;
    // A `/stop` makes the backlog smaller.
    if (waiting >= maxBacklog && stops !== 'command') {
      count(channel, 'refused_backlog');
      throw new ParleyError('unavailable', `${waiting} messages are waiting`, { retryAfterMs: RETRY_AFTER_MS });
    }
    const conversation = conversationOf({
      tenant: tenant.id,
      channel: config.id,
      scope: tenant.session.scope,
      chat: message.chat.id,
      thread: message.thread ?? message.opensThread,
      user: message.sender.id,
    });
    const turn = newRequestId(receivedAt);
    const receipt = tracing && beginReceipt(tracing, { channel, turn, conversation, receivedAt, arrival });
    const envelope = {
      turn,
      tenant: tenant.id,
      channel: config.id,
      platform: config.platform,
      conversation,
      message,
      receivedAt,
      trigger: decision.why,
      ...plan,
      ...(receipt && { trace: receipt.context }),
    };
    publishing++;
    const published = publisher.publish(envelope, dedupeKeys, stops).finally(() => publishing--);
    const { outcome, shardDepth } = await within(whenRedis(published)).catch((error) => {
      receipt?.failed('unavailable');
      throw error;
    });
    receipt?.published(outcome);
    backlog.note(conversation.shard, shardDepth);
    count(channel, outcome === 'flooded_quietly' ? 'flooded' : outcome, message);
    if (outcome === 'flooded') void tellFlooded(channel, message, envelope.turn);
  }

  /** A person changed or took back an own message: honoured while it still waits, and counted in any case. */
  async function amend({ config, tenant }: Channel, event: Amendment): Promise<void> {
    const chat = event.kind === 'edited' ? event.message.chat : event.chat;
    const where = { tenant: tenant.id, channel: config.id, chat: chat.id };
    const outcome = await whenRedis(
      event.kind === 'edited'
        ? amender.edit(where, event.key, event.message, (message) => overlapOf(config, message, now()).plan)
        : amender.remove(where, event.key),
    );
    count({ config }, `${event.kind}_${outcome}`);
  }

  /** Said once a minute and chat, and not waited for: a flood must not slow the webhook down. */
  async function tellFlooded({ adapter, config }: Channel, message: Message, turn: string): Promise<void> {
    try {
      const [part] = adapter.formatReply(hubText('chat_flooded', message.language));
      if (!part) return;
      const target = {
        chat: message.chat,
        thread: message.thread,
        messageId: message.id,
        senderId: message.sender.id,
        state: message.state,
      };
      await adapter.postMessage(target, part, { idempotencyKey: `${turn}-flood` });
    } catch (error) {
      logger.warn(
        { channel: config.id, error: error instanceof Error ? error.message : String(error) },
        'flood notice failed',
      );
    }
  }

  return {
    async accept(channel, events, arrival) {
      for (const event of events) {
        if (event.kind === 'ignored') {
          count(channel, event.reason);
          continue;
        }
        const patience = createPatience();
        const work =
          event.kind === 'message'
            ? acceptMessage(channel, event, arrival, patience)
            : patience.within(amend(channel, event));
        await work.finally(patience.end);
      }
    },
  };
}

/** What the set-up of a platform is checked by. */
function kindOf({ chat, addressed, command }: Message): string {
  if (command) return 'command';
  return chat.kind === 'group' && addressed === 'mention' ? 'mention' : chat.kind;
}

/** What one message may wait for Redis in all. */
interface Patience {
  /** Rejects with `unavailable` when the time is up first. */
  within<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/** Begins with the first wait: most group traffic is for nobody here, and needs no timer. */
function createPatience(): Patience {
  let late: Promise<never> | undefined;
  let timer: NodeJS.Timeout | undefined;
  return {
    within(work) {
      late ??= new Promise((_, reject) => {
        const tooLate = () =>
          reject(new ParleyError('unavailable', 'Redis does not answer in time', { retryAfterMs: RETRY_AFTER_MS }));
        timer = setTimeout(tooLate, DURABLE_WITHIN_MS);
      });
      return Promise.race([work, late]);
    },
    end: () => clearTimeout(timer),
  };
}

/** Whatever Redis fails with, the platform hears the same: not now, try again. */
async function whenRedis<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new ParleyError('unavailable', 'Redis cannot be reached', { cause: error, retryAfterMs: RETRY_AFTER_MS });
  }
}
