import type { AdapterDeps } from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import type { App } from '@slack/bolt';

/** What SocketModeClient emits as `slack_event`. */
export interface Envelope {
  type: string;
  body: Record<string, unknown>;
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

/**
 * Runs envelopes through Bolt. One is acknowledged to Slack once the listeners have made its event durable, and not at
 * all when they could not: Bolt itself would acknowledge an event before any listener has seen it.
 */
export function makeEnvelopeHandler(app: Pick<App, 'processEvent'>, logger: AdapterDeps['logger']): EnvelopeHandler {
  const inHand = new Set<Promise<void>>();
  let stopped = false;

  async function handle(envelope: Envelope): Promise<void> {
    try {
      await runThroughBolt(app, envelope.body);
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

/** Resolves when Bolt's listeners are done, with the acknowledgement that Bolt or they asked for. */
async function runThroughBolt(app: Pick<App, 'processEvent'>, body: Envelope['body']): Promise<void> {
  let wantsAck = false;
  const ack = async () => {
    wantsAck = true;
  };
  try {
    await app.processEvent({ body, ack });
  } catch (thrown) {
    // Whatever a listener throws is a ParleyError by now. Any other error is Bolt's own over a body it cannot read; it
    // may quote the body, so it goes no further.
    throw thrown instanceof ParleyError ? thrown : new ParleyError('invalid_request', 'Bolt cannot read this envelope');
  }
  if (!wantsAck) throw new ParleyError('invalid_request', 'Bolt does not know this kind of envelope');
}
