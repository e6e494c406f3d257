import type { Channel } from '@parley/adapter-registry';
import type { ConversationAddress, PublishOutcome } from '@parley/core/bus';
import { type TraceContext, type Tracing, traceContextOf } from '@parley/core/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** How a delivery came to the gateway. */
export interface Arrival {
  /** When its request came; Unix ms. */
  at: number;
  /** The trace that a proxy in front of the hub has begun. */
  parent: TraceContext | undefined;
  /** Of the message it brought, once there is one. */
  traceId?: string;
}

const ARRIVAL = Symbol('arrival');

/** Of a request whose signature is verified: a stranger begins no traces. */
export function noteArrival(request: FastifyRequest, { elapsedTime }: FastifyReply): Arrival {
  const arrival: Arrival = { at: Date.now() - elapsedTime, parent: traceContextOf(request.headers) };
  Reflect.set(request, ARRIVAL, arrival);
  return arrival;
}

/** The recorded trace of what the request brought. */
export function traceIdOf(request: FastifyRequest): string | undefined {
  return (Reflect.get(request, ARRIVAL) as Arrival | undefined)?.traceId;
}

export interface ReceiptOf {
  channel: Channel;
  turn: string;
  conversation: ConversationAddress;
  receivedAt: number;
  arrival: Arrival | undefined;
}

/** The beginning of a message's trace: received, and made durable. */
export interface Receipt {
  /** Goes into the envelope: the worker's spans hang under `publish`. */
  context: TraceContext;
  published(outcome: PublishOutcome): void;
  failed(code: string): void;
}

/**
 * Begins a message's trace once it is known to be for the bot. One that turns out to have been delivered before leaves no
 * trace of its own: it has one.
 */
export function beginReceipt(
  tracing: Tracing,
  { channel: { config }, turn, conversation, receivedAt, arrival }: ReceiptOf,
): Receipt {
  const receipt = tracing.begin('receive', {
    kind: arrival ? 'server' : 'consumer',
    parent: arrival?.parent,
    startedAt: arrival?.at ?? receivedAt,
    attributes: {
      'parley.request_id': turn,
      'parley.tenant': config.tenant,
      'parley.platform': config.platform,
      'parley.channel': config.id,
      'parley.transport': config.transport,
    },
  });
  if (arrival && receipt.isSampled) arrival.traceId = receipt.traceId;
  const publish = receipt.child('publish', {
    kind: 'producer',
    attributes: {
      'messaging.system': 'redis',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'mailbox',
      'messaging.message.id': turn,
      'messaging.message.conversation_id': conversation.id,
    },
  });
  const end = () => {
    publish.end();
    receipt.end();
  };
  return {
    context: publish.context,
    published(outcome) {
      if (outcome === 'duplicate') return;
      receipt.set({ 'parley.outcome': outcome });
      end();
    },
    failed(code) {
      publish.fail(code);
      receipt.fail(code);
      end();
    },
  };
}
