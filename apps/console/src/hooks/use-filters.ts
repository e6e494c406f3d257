import { useSearchParams } from 'react-router';

/** Filters that live in the address, so that a view can be sent to somebody. */
export function useFilters<K extends string>(
  keys: readonly K[],
): [Partial<Record<K, string>>, (key: K, value: string | undefined) => void] {
  const [search, setSearch] = useSearchParams();
  const values: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const value = search.get(key);
    if (value !== null && value !== '') values[key] = value;
  }
  const set = (key: K, value: string | undefined) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === undefined || value === '') after.delete(key);
        else after.set(key, value);
        return after;
      },
      { replace: true },
    );
  return [values, set];
}
