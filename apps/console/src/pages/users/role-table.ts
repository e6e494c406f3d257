const KINDS = [
  'overview',
  'tenant',
  'channel',
  'model',
  'rule',
  'guard',
  'conversation',
  'turn',
  'dead_letter',
  'usage',
  'quota',
  'api_key',
  'audit',
  'user',
  'policy',
  'config',
  'settings',
  'system',
];

/** Every action, named by a role or not: the rows of the table of roles. */
export const ALL_ACTIONS: readonly string[] = [
  ...KINDS.flatMap((kind) => [`${kind}:read`, `${kind}:write`]),
  'channel:test',
  'model:test',
  'playground:use',
  'sandbox:use',
];

/** Patterns as in policies: `*` stands for any characters. */
export function matchesAction(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => {
    const [first = '', ...rest] = pattern.split('*');
    if (rest.length === 0) return pattern === action;
    const last = rest.at(-1) ?? '';
    return action.startsWith(first) && action.endsWith(last) && action.length >= first.length + last.length;
  });
}

/** The actions at least one role has, in a settled order. */
export function actionsOf(roles: readonly { actions: readonly string[] }[]): string[] {
  return ALL_ACTIONS.filter((action) => roles.some(({ actions }) => matchesAction(actions, action)));
}
