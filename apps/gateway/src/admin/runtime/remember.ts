/** Answers that many people ask for at the same time, looked up once; what failed is asked for anew. */
export type Remember<T> = (key: unknown, freshMs: number, look: () => Promise<T>) => Promise<T>;

/** Different answers that are kept: people of one role ask for the same. */
const MAX = 100;

export function createMemory<T>(now: () => number = Date.now): Remember<T> {
  const kept = new Map<string, { until: number; answer: Promise<T> }>();
  return (key, freshMs, look) => {
    const name = JSON.stringify(key);
    const known = kept.get(name);
    if (known && now() < known.until) return known.answer;
    if (kept.size >= MAX) kept.clear();
    const answer = look();
    kept.set(name, { until: now() + freshMs, answer });
    answer.catch(() => kept.delete(name));
    return answer;
  };
}
