import type { BackupState, TurnSums } from '@parley/core/store';
import type { RouteContext } from '../../http/route.ts';
import { createMemory } from '../remember.ts';
import type { Attention, RuntimeParts } from '../types.ts';
import { backupToMake } from './backups.ts';
import { modelsToMend } from './models.ts';
import { failing, forgottenTakeOvers, lettersToRead, spentBudget } from './tenants.ts';

/** More are not read by anybody. */
const MAX = 100;
/** What others say of channels costs many reads, and consoles ask with every turn that ends: they see the same. */
const FRESH_MS = 10_000;
const UNUSED: BackupState = { lastAt: undefined, maxAgeMs: undefined };

/** Looks for what needs attention in some tenants: what cannot be asked just now is left out, and the rest is told. */
export function createAttention(deps: RuntimeParts) {
  const { config, deadLetters, takeOvers, limitsOf, health = () => [], attention = async () => [] } = deps;
  const { backups = () => UNUSED, now = Date.now } = deps;
  const remember = createMemory<Attention[]>(now);

  return async (
    tenants: readonly string[],
    sums: readonly (TurnSums & { tenant: string })[],
    may: RouteContext['may'],
  ): Promise<Attention[]> => {
    const configured = config().tenants.filter(({ id }) => tenants.includes(id));
    const maySee = (model: string) =>
      configured.some(({ models }) => models.includes(model)) || may('*', 'model:read', model);
    const found = await Promise.allSettled([
      deadLetters.counts().then((counts) => lettersToRead(tenants, counts)),
      failing(sums),
      modelsToMend(health(), maySee),
      backupToMake(backups(), may, now()),
      ...configured.map((tenant) => spentBudget(tenant, limitsOf)),
      takeOvers.list().then((taken) => forgottenTakeOvers(tenants, taken.values(), now())),
      remember(tenants, FRESH_MS, () => attention(tenants)),
    ]);
    const all = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    return all.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error')).slice(0, MAX);
  };
}
