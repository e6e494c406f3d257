/** Aborts when one of those it was made of does; `end` lets go of them. */
export interface JoinedSignal {
  signal: AbortSignal;
  /** Nobody waits for the signal any more: it aborts no longer. */
  end(): void;
}

/**
 * One signal for two, by hand: what `AbortSignal.any` joins is found again by weak references, which the collector has to
 * clean up after each question.
 */
export function joinSignals(first: AbortSignal, second: AbortSignal | undefined): JoinedSignal {
  if (!second) return { signal: first, end: () => {} };
  const joined = new AbortController();
  const sources = [first, second];
  const onAbort = ({ target }: Event) => joined.abort((target as AbortSignal).reason);
  for (const source of sources) source.addEventListener('abort', onAbort, { once: true });
  const aborted = sources.find((source) => source.aborted);
  if (aborted) joined.abort(aborted.reason);
  return {
    signal: joined.signal,
    end() {
      for (const source of sources) source.removeEventListener('abort', onAbort);
    },
  };
}
