/** How a delivery ended. `status` 0: there was no HTTP answer, and `failure` says why. */
export interface DeliveryAnswer {
  status: number;
  failure?: 'timeout' | 'connection' | 'dropped';
  /** Seconds of the answer's `Retry-After`, where it has one. */
  retryAfterSeconds?: number;
  /** The answer's headers, names in lower case. */
  headers?: Record<string, string>;
  /** The answer's body, cut at 64 KiB. */
  body?: string;
}

const MAX_BODY = 64 * 1024;

/** POSTs one event to the hub. Never rejects: an unreachable or too slow hub is an answer with status 0. */
export async function postEvent(options: {
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  signal?: AbortSignal;
}): Promise<DeliveryAnswer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const { url, headers, body } = options;
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const text = (await response.text()).slice(0, MAX_BODY);
    const answer: DeliveryAnswer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: text,
    };
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    if (Number.isFinite(retryAfter)) answer.retryAfterSeconds = retryAfter;
    return answer;
  } catch {
    return { status: 0, failure: timeout.aborted ? 'timeout' : 'connection' };
  }
}
