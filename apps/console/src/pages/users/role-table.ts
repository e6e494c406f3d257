import { useGet } from '../../api/hooks.ts';

/** Every action there is, named by a role or not, to choose from. */
export function useActions(): readonly string[] {
  return useGet('/roles').data?.data.actions ?? [];
}

/** Patterns as in policies: `*` stands for any characters. */
export function matchesAction(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => {
    const [first = '', ...rest] = pattern.split('*');
    if (rest.length === 0) return pattern === action;
    const last = rest.at(-1) ?? '';
    return action.startsWith(first) && action.endsWith(last) && action.length >= first.length + last.length;
  });
}
