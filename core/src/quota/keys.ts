/** Keys of one tenant share a hash tag, so that one script may touch them all in a Redis Cluster. */
const of = (tenant: string) => `parley:{t:${tenant}}`;

/** The periods a request falls into. Minutes and hours are numbers since 1970; days and months begin as the tenant says. */
export interface Periods {
  minute: number;
  hour: number;
  /** Unix ms: beginning, and beginning of the next one. */
  day: readonly [start: number, end: number];
  month: readonly [start: number, end: number];
}

export const quotaKeys = {
  /** String: the time zone whose days and months are complete. Missing: Redis is new or was emptied. */
  born: (tenant: string) => `${of(tenant)}:born`,
  /** String with TTL: a request that is settled; its value is the output it was allowed. */
  settled: (tenant: string, requestId: string) => `${of(tenant)}:settled:${requestId}`,
  /** Hash by request id: what is reserved, as JSON. Sorted set of the same ids; score: when they expire, Unix ms. */
  holds: (tenant: string) => `${of(tenant)}:holds`,
  expiries: (tenant: string) => `${of(tenant)}:expiries`,
  /** Stream: ledger rows on their way to Postgres. */
  ledger: (tenant: string) => `${of(tenant)}:ledger`,
  /** Hashes of counters by `field|unit`, one for each period. */
  minute: (tenant: string, minute: number) => `${of(tenant)}:minute:${minute}`,
  hour: (tenant: string, hour: number) => `${of(tenant)}:hour:${hour}`,
  day: (tenant: string, start: number) => `${of(tenant)}:day:${start}`,
  month: (tenant: string, start: number) => `${of(tenant)}:month:${start}`,
  /** Hash by warning: that it was given in this month. */
  warned: (tenant: string, monthStart: number) => `${of(tenant)}:warned:${monthStart}`,
  /** Hash by user or key: how much it usually uses in an hour. */
  usual: (tenant: string) => `${of(tenant)}:usual`,
};
