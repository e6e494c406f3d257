import type { AdapterDeps, EventSink, InboundEvent } from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { parseEvent } from './event.ts';
import { type ParseContext, parseInteraction } from './parse.ts';
import { parseSlashCommand } from './slash.ts';

/** What SocketModeClient emits as `slack_event`. */
export interface Envelope {
  type: string;
  body: unknown;
  ack: (response?: Record<string, unknown>) => Promise<void>;
}

export interface EnvelopeHandler {
  /** Never throws: it is called by the SDK's event emitter. */
  take: (envelope: Envelope) => void;
  /** Leaves every later envelope to Slack, which delivers what is not acknowledged again. */
  stop: () => void;
  /** Resolves when every envelope in hand is done with. */
  settled: () => Promise<unknown>;
}

const MAX_IN_HAND = 500;

/** Acknowledges an envelope once the sink has made its event durable, and not at all when it could not. */
export function makeEnvelopeHandler(
  context: ParseContext,
  sink: EventSink,
  logger: AdapterDeps['logger'],
): EnvelopeHandler {
  const inHand = new Set<Promise<void>>();
  let stopped = false;

  async function handle(envelope: Envelope): Promise<void> {
    try {
      await sink([await readEnvelope(envelope, context)]);
    } catch (thrown) {
      const error = toParleyError(thrown);
      logger.warn({ err: error, type: envelope.type }, 'Slack event was not taken');
      // What cannot be read today cannot be read tomorrow: everything else is left for Slack to repeat.
      if (error.code !== 'invalid_request') return;
    }
    await envelope.ack().catch(() => logger.debug('Slack event was taken after its connection had closed'));
  }

  return {
    take(envelope) {
      if (stopped || inHand.size >= MAX_IN_HAND) return;
      const work = handle(envelope).finally(() => inHand.delete(work));
      inHand.add(work);
    },
    stop() {
      stopped = true;
    },
    settled: () => Promise.all(inHand),
  };
}

async function readEnvelope({ type, body }: Envelope, context: ParseContext): Promise<InboundEvent> {
  switch (type) {
    case 'events_api':
      return parseEvent(body, context);
    case 'slash_commands':
      return parseSlashCommand(body, context);
    case 'interactive':
      return parseInteraction(body);
    default:
      throw new ParleyError('invalid_request', 'Slack envelope of an unknown type');
  }
}
