/**
 * A circuit breaker over a sliding window: opens on the share of failures, lets one probe through after a while, and
 * closes when it succeeds. Times are Unix ms.
 */
export interface Breaker {
  state(now: number): 'closed' | 'open' | 'half_open';
  /** Unix ms until which nothing goes through; 0 when closed. */
  readonly openUntil: number;
  /** A request begins; in the half-open state it is the probe. */
  begin(now: number): void;
  succeeded(now: number): void;
  failed(now: number): void;
  /** It ended in a way that says nothing about the other side. */
  ended(): void;
  /** What another process has seen; 0: it closed it. */
  learn(openUntil: number): void;
}

const BUCKET_MS = 10_000;
const BUCKETS = 6;
const MIN_SAMPLES = 10;
const FAILURE_SHARE = 0.5;
const OPEN_MIN_MS = 10_000;
const OPEN_MAX_MS = 120_000;
/** A probe that never comes back must not keep the breaker half-open for ever. */
const PROBE_MAX_MS = 60_000;

export function createBreaker(): Breaker {
  const buckets = Array.from({ length: BUCKETS }, () => ({ at: -1, ok: 0, bad: 0 }));
  let openUntil = 0;
  let openings = 0;
  let probeSince = 0;

  function bucket(now: number) {
    const at = Math.floor(now / BUCKET_MS);
    const found = buckets[at % BUCKETS] as (typeof buckets)[number];
    if (found.at !== at) Object.assign(found, { at, ok: 0, bad: 0 });
    return found;
  }

  function open(now: number): void {
    openings++;
    openUntil = now + Math.min(OPEN_MIN_MS * 2 ** (openings - 1), OPEN_MAX_MS);
    probeSince = 0;
  }

  return {
    state(now) {
      if (openUntil === 0) return 'closed';
      if (now < openUntil || (probeSince > 0 && now - probeSince < PROBE_MAX_MS)) return 'open';
      return 'half_open';
    },
    get openUntil() {
      return openUntil;
    },
    begin(now) {
      if (openUntil > 0 && now >= openUntil) probeSince = now;
    },
    succeeded(now) {
      bucket(now).ok++;
      openUntil = 0;
      openings = 0;
      probeSince = 0;
    },
    failed(now) {
      bucket(now).bad++;
      if (openUntil > 0) {
        // The probe failed; what was under way when it opened tells nothing new.
        if (probeSince > 0) open(now);
        return;
      }
      const oldest = Math.floor(now / BUCKET_MS) - BUCKETS;
      const recent = buckets.filter(({ at }) => at > oldest);
      const [ok, bad] = [recent.reduce((sum, b) => sum + b.ok, 0), recent.reduce((sum, b) => sum + b.bad, 0)];
      if (ok + bad >= MIN_SAMPLES && bad / (ok + bad) >= FAILURE_SHARE) {
        for (const one of buckets) one.at = -1;
        open(now);
      }
    },
    ended() {
      probeSince = 0;
    },
    learn(until) {
      if (until !== 0 && until <= openUntil) return;
      openUntil = until;
      openings = until === 0 ? 0 : Math.max(1, openings);
    },
  };
}
