import type { Channel } from '@parley/adapter-registry';
import { type Head, LOCK_MS } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { crashPoint } from '@parley/core/telemetry';
import type { Preview } from '../delivery/preview.ts';
import { traceAdapter } from '../delivery/traced.ts';
import { showTyping } from '../delivery/typing.ts';
import { answerByHuman } from './by-human.ts';
import type { Ownership } from './context.ts';
import { decide, failure } from './decide.ts';
import type { Outcome } from './outcome.ts';
import type { Timeline } from './timeline.ts';
import type { TurnConfig, TurnRunnerOptions } from './turn.ts';

/** Attempts after which a turn is given up: something about it kills workers. */
export const MAX_ATTEMPTS = 10;

export interface Settling {
  head: Head;
  channel: Channel | undefined;
  config: TurnConfig;
  preview: Preview | undefined;
  timeline: Timeline;
  ownership: Ownership;
  /** A person stopped the answer. */
  stop: AbortSignal;
  options: Pick<TurnRunnerOptions, 'pseudonym' | 'recallHistory' | 'now'>;
}

/** The recorded outcome when an earlier attempt came that far, else a fresh decision. */
export async function settleOutcome({
  head,
  channel,
  config,
  preview,
  timeline,
  ownership,
  stop,
  options,
}: Settling): Promise<Outcome> {
  if (head.record.answer !== undefined) {
    const recorded = JSON.parse(head.record.answer) as Outcome;
    timeline.add('resumed');
    addDecisions(timeline, recorded);
    return recorded;
  }
  if (!channel) return failure(head, new ParleyError('not_found', 'the channel is no longer configured'));
  if (Number(head.record.attempts ?? 1) > MAX_ATTEMPTS) {
    return {
      ...failure(head, new ParleyError('internal', `given up after ${MAX_ATTEMPTS} attempts`)),
      givenUp: true,
    };
  }
  crashPoint('worker:claimed');
  const { adapter, tenant } = channel;
  const { turns: remembered, ttl_seconds } = tenant.session;
  const { span } = ownership;
  const deps = {
    ask: config.ask,
    limitsOf: config.limitsOf,
    pseudonym: options.pseudonym,
    now: options.now ?? Date.now,
    span,
    showTyping: () => showTyping(span ? traceAdapter(adapter, span) : adapter, ownership.target),
    onText: (text: string) => preview?.show(text),
    recallHistory: async () => {
      if (!head.known && remembered > 0) {
        head.recalled = await options.recallHistory(head, ttl_seconds * 1000, 2 * remembered);
      }
      // A process that was frozen since it took the turn must not ask the model what another has answered meanwhile.
      if (performance.now() - head.takenAt > LOCK_MS / 2) await ownership.assertOwned();
      return head.recalled ?? head.history(2 * remembered);
    },
  };
  const outcome =
    (await answerByHuman(head, channel, config.mask)) ??
    (await decide(head, channel, deps, { signal: ownership.signal, stop }));
  addDecisions(timeline, outcome);
  return outcome;
}

/** Also of an attempt that died: its timeline died with it, and why it answered so must be found all the same. */
function addDecisions(timeline: Timeline, { decisions, by, status, model, errorCode }: Outcome): void {
  for (const { what, detail, at } of decisions ?? []) timeline.add(what, detail, at);
  timeline.add('decided', { by, status, model, error: errorCode });
}
