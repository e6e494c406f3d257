import { parseArgs } from 'node:util';
import { createAudit } from '@parley/core/audit';
import { auditDays } from '@parley/core/store';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

export const audit: RunCommand = async ({ args, env }) => {
  const asked = readArguments(args);
  if (!asked) return misused('audit', env);
  const { action, tenant = '', user = '' } = asked;
  return withStore(env, async (store) => {
    const log = createAudit(store);
    if (action === 'verify') return verify(log, asked.tenant);
    if (action === 'export') {
      for await (const line of log.exportLines(tenant)) process.stdout.write(`${line}\n`);
      return 0;
    }
    if (action === 'prune') {
      const gone = await log.prune(await auditDays(store), Date.now());
      process.stdout.write(`${gone} records deleted, each older than its tenant keeps them\n`);
      return 0;
    }
    const erased = await log.eraseUser(tenant, user, 'command line');
    process.stdout.write(`${erased.messages} messages and the details of ${erased.records} audit records erased\n`);
    return 0;
  });
};

async function verify(log: ReturnType<typeof createAudit>, tenant: string | undefined): Promise<number> {
  const { faults, records } = await log.verify(tenant);
  for (const { tenant: of, seq, fault } of faults) process.stdout.write(`${of}: record ${seq} is broken: ${fault}\n`);
  if (faults.length === 0) process.stdout.write(`${records} records hold\n`);
  return faults.length === 0 ? 0 : 1;
}

interface Asked {
  action: string;
  tenant?: string | undefined;
  user?: string | undefined;
}

function readArguments(args: string[]): Asked | undefined {
  const options = { tenant: { type: 'string' }, user: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [action = '', ...rest] = positionals;
    const complete = {
      verify: values.user === undefined,
      prune: values.tenant === undefined && values.user === undefined,
      export: values.tenant !== undefined && values.user === undefined,
      'erase-user': values.tenant !== undefined && values.user !== undefined,
    }[action];
    return complete && rest.length === 0 ? { action, ...values } : undefined;
  } catch {
    return undefined; // an option that does not exist, or one without its value
  }
}
