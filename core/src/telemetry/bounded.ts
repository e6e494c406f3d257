/** Tenants that counters tell apart in one process. Prometheus keeps every one of them for as long as it keeps anything. */
const MAX_TENANTS = 1_000;

/** Lets the first names through as they are; those that come later are `other`. */
export function boundedNames(max = MAX_TENANTS): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= max) return 'other';
    known.add(name);
    return name;
  };
}
