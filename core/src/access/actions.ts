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

/** Every action that an endpoint may ask for; `docs/console-security.md` shows which role may which. */
export const ACTIONS: readonly string[] = [
  ...KINDS.flatMap((kind) => [`${kind}:read`, `${kind}:write`]),
  'channel:test',
  'model:test',
  'playground:use',
  'sandbox:use',
];
