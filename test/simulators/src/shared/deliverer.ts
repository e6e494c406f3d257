import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, DeliveryFault } from '../types.ts';
import type { DeliveryAnswer } from './post-event.ts';
import { createRecorder } from './recorder.ts';
import { createRules } from './rules.ts';
import { createSemaphore } from './semaphore.ts';

export interface OutgoingEvent {
  /** The platform's id of the event. */
  eventId: string;
  /** Events of one lane go out strictly one after another; an event without a lane waits for nobody. */
  lane?: string;
}

export interface DelivererOptions<E extends OutgoingEvent> {
  /**
   * Makes one attempt (numbered from 1). `previous` is the answer of the attempt before. Must not reject: a failed attempt
   * is an answer whose status is not 2xx. `signal` aborts when the event is discarded or the simulator closes.
   */
  send(event: E, attempt: number, previous: DeliveryAnswer | undefined, signal: AbortSignal): Promise<DeliveryAnswer>;
  /** The platform's ladder: milliseconds from failed attempt `attempt` to the next one; `undefined` gives the event up. */
  retryDelayMs(attempt: number, answer: DeliveryAnswer, event: E): number | undefined;
  /** Called once per event: accepted by the hub, or given up. */
  onSettled?(event: E, answer: DeliveryAnswer): void;
  /** Divides the ladder's waiting times; default 1. */
  speedup?: number;
  /** Attempts under way at one time; default 100. */
  concurrency?: () => number;
  /** Keeps events until `resume()`; default false. */
  paused?: boolean;
}

export interface Deliverer<E extends OutgoingEvent> {
  readonly deliveries: readonly Delivery[];
  /** Puts an event on its way and returns at once. Throws beyond 10,000 undelivered events. */
  deliver(event: E): void;
  /** Forgets an event that is not delivered yet. */
  discard(eventId: string): void;
  /** See `PlatformSimulator.disturb`. `drop` loses one attempt on the way (status 0), so the ladder goes on. */
  disturb(fault: DeliveryFault): () => void;
  /** Starts no further attempts; events stay. */
  pause(): void;
  /** Goes on; with `retryNow` waiting retries are made at once. */
  resume(options?: { retryNow?: boolean }): void;
  /** Events neither accepted nor given up. */
  pending(): number;
  close(): void;
}

interface Journey<E> {
  event: E;
  attempts: number;
  previous: DeliveryAnswer | undefined;
  cancel: AbortController;
  /** Resolves when the first attempt is over, or there will be none. */
  tried: PromiseWithResolvers<void>;
}

const MAX_PENDING = 10_000;
/** How long a reordered event waits to be overtaken before it goes out all the same. */
const REORDER_HOLD_MS = 2_000;

/** Makes the engine that brings events to the hub: attempts, ladder, lanes and delivery faults. */
export function createDeliverer<E extends OutgoingEvent>(options: DelivererOptions<E>): Deliverer<E> {
  const recorder = createRecorder<Delivery>();
  const faults = createRules<DeliveryFault>();
  const slots = createSemaphore(options.concurrency ?? (() => 100));
  const journeys = new Map<string, Journey<E>>();
  const lanes = new Map<string, Journey<E>[]>();
  const closed = new AbortController();
  let gate = options.paused ? Promise.withResolvers<void>() : undefined;
  let nudge = new AbortController();
  let held: { journey: Journey<E>; release: () => void } | undefined;

  function start(journey: Journey<E>): void {
    const { lane } = journey.event;
    if (lane === undefined) {
      void travel(journey);
      return;
    }
    const queue = lanes.get(lane);
    if (queue !== undefined) {
      queue.push(journey);
      return;
    }
    lanes.set(lane, [journey]);
    void runLane(lane);
  }

  async function runLane(lane: string): Promise<void> {
    for (let journey = lanes.get(lane)?.[0]; journey !== undefined; journey = lanes.get(lane)?.[0]) {
      await travel(journey);
      lanes.get(lane)?.shift();
    }
    lanes.delete(lane);
  }

  async function travel(journey: Journey<E>): Promise<void> {
    const { event, cancel } = journey;
    const gone = AbortSignal.any([closed.signal, cancel.signal]);
    while (!gone.aborted) {
      await aborted(gone, gate?.promise);
      if (gone.aborted) break;
      if (gate !== undefined) continue;
      journey.attempts += 1;
      const answer = await slots.run(() => attempt(journey, gone));
      journey.previous = answer;
      journey.tried.resolve();
      if (gone.aborted) break;
      const delayMs = isAccepted(answer) ? undefined : options.retryDelayMs(journey.attempts, answer, event);
      if (delayMs === undefined) {
        journeys.delete(event.eventId);
        options.onSettled?.(event, answer);
        return;
      }
      await pauseFor(delayMs / (options.speedup ?? 1), AbortSignal.any([gone, nudge.signal]));
    }
    journey.tried.resolve();
  }

  async function attempt(journey: Journey<E>, signal: AbortSignal): Promise<DeliveryAnswer> {
    const { event, attempts, previous } = journey;
    const send = async (): Promise<DeliveryAnswer> => {
      const answer = await options.send(event, attempts, previous, signal);
      recorder.add({ eventId: event.eventId, attempt: attempts, status: answer.status, at: Date.now() });
      return answer;
    };
    const action = faults.take((fault) => fault.action.kind !== 'reorder')?.action;
    if (action?.kind === 'drop') {
      recorder.add({ eventId: event.eventId, attempt: attempts, status: 0, at: Date.now() });
      return { status: 0, failure: 'dropped' };
    }
    if (action?.kind === 'delay') await pauseFor(action.ms, signal);
    if (action?.kind !== 'duplicate') return send();
    // Both copies are in flight together: the hub has to cope with the race, too.
    const [answer] = await Promise.all([send(), send()]);
    return answer;
  }

  /** Keeps a journey back until a later event of its lane has been tried, or nobody came for a while. */
  function hold(journey: Journey<E>): void {
    const release = () => {
      clearTimeout(timer);
      if (held?.journey === journey) held = undefined;
      if (!journey.cancel.signal.aborted && !closed.signal.aborted) start(journey);
    };
    const timer = setTimeout(release, REORDER_HOLD_MS);
    held = { journey, release };
  }

  return {
    deliveries: recorder.items,

    deliver(event) {
      if (closed.signal.aborted) return;
      if (journeys.size >= MAX_PENDING) throw new Error(`More than ${MAX_PENDING} undelivered events.`);
      const tried = Promise.withResolvers<void>();
      const journey: Journey<E> = { event, attempts: 0, previous: undefined, cancel: new AbortController(), tried };
      journeys.set(event.eventId, journey);

      const overtaken = held?.journey.event.lane === event.lane ? held : undefined;
      if (held === undefined && faults.take((fault) => fault.action.kind === 'reorder') !== undefined) {
        hold(journey);
        return;
      }
      start(journey);
      if (overtaken === undefined) return;
      held = undefined;
      // In a lane the queue itself keeps the new order; without one only the first attempt's end does.
      if (event.lane !== undefined) overtaken.release();
      else void tried.promise.then(overtaken.release);
    },

    discard(eventId) {
      journeys.get(eventId)?.cancel.abort();
      journeys.delete(eventId);
    },

    disturb: (fault) => faults.add(fault),

    pause() {
      gate ??= Promise.withResolvers<void>();
    },

    resume({ retryNow = false } = {}) {
      gate?.resolve();
      gate = undefined;
      if (!retryNow) return;
      nudge.abort();
      nudge = new AbortController();
    },

    pending: () => journeys.size,

    close() {
      closed.abort();
      held?.release();
      journeys.clear();
    },
  };
}

function isAccepted(answer: DeliveryAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Resolves with `other`, or as soon as `signal` aborts. */
async function aborted(signal: AbortSignal, other: Promise<void> | undefined): Promise<void> {
  if (signal.aborted || other === undefined) return;
  const stop = Promise.withResolvers<void>();
  const onAbort = () => stop.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  await Promise.race([other, stop.promise]);
  signal.removeEventListener('abort', onAbort);
}
