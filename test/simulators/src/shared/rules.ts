/** A list of rules that each apply a number of times: what API faults and delivery faults have in common. */
export interface Rules<T> {
  /** Adds a rule at the end of the list; the returned function takes it out again (calling it twice is harmless). */
  add(rule: T): () => void;
  /** The first rule that matches and is not used up; it is counted as used once. */
  take(matches: (rule: T) => boolean): T | undefined;
}

/** Makes an empty rule list. A rule with `times` disappears after that many uses, others stay until they are stopped. */
export function createRules<T extends { times?: number }>(): Rules<T> {
  let entries: { rule: T; left: number }[] = [];

  return {
    add(rule) {
      const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      entries.push(entry);
      return () => {
        entries = entries.filter((other) => other !== entry);
      };
    },

    take(matches) {
      const entry = entries.find(({ rule, left }) => left > 0 && matches(rule));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) entries = entries.filter((other) => other !== entry);
      return entry.rule;
    },
  };
}
