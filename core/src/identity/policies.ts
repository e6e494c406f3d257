import { randomUUID } from 'node:crypto';
import { and, asc, count, eq, gt, inArray } from 'drizzle-orm';
import type { Policy } from '../access/index.ts';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { policies } from '../store/schema.ts';
import { changeAccess, loadPolicies } from './user-rows.ts';

export type PolicyDraft = Omit<Policy, 'id'>;

/** The rules of access that people wrote. */
export interface Policies {
  /** By id. `tenants`: of these only, and of the hub if `*` is among them. */
  list(page: { tenants: readonly string[] | 'all'; limit: number; after?: string | undefined }): Promise<Policy[]>;
  find(id: string): Promise<Policy | undefined>;
  /** @param check is given all policies; throws to refuse; must not touch the database */
  create(draft: PolicyDraft, check: (written: readonly Policy[]) => void): Promise<Policy>;
  /** @throws ParleyError `not_found`; `conflict` when nobody could manage the hub afterwards */
  replace(
    id: string,
    decide: (current: Policy, written: readonly Policy[]) => PolicyDraft,
  ): Promise<{ before: Policy; after: Policy }>;
  remove(id: string, check: (current: Policy, written: readonly Policy[]) => void): Promise<Policy>;
}

/** Every request looks at all of them. */
const MAX_POLICIES = 1_000;

export function createPolicies({ db }: Store, onChange: () => void, now: () => number): Policies {
  const changing = <T>(what: string, work: (tx: Db) => Promise<T>) => changeAccess(db, what, work).finally(onChange);

  async function current(tx: Db, id: string): Promise<{ policy: Policy; written: Policy[] }> {
    const written = await loadPolicies(tx);
    const policy = written.find((one) => one.id === id);
    if (!policy) throw new ParleyError('not_found', 'There is no such policy');
    return { policy, written };
  }

  return {
    list: ({ tenants, limit, after }) =>
      guarded('listing policies', async () => {
        const rows = await db
          .select()
          .from(policies)
          .where(
            and(
              after === undefined ? undefined : gt(policies.id, after),
              tenants === 'all' ? undefined : inArray(policies.tenant, [...tenants]),
            ),
          )
          .orderBy(asc(policies.id))
          .limit(limit);
        return rows.map(({ createdAt: _, updatedAt: __, ...policy }) => policy);
      }),

    find: (id) =>
      guarded('reading a policy', async () => {
        const [row] = await db.select().from(policies).where(eq(policies.id, id));
        if (!row) return undefined;
        const { createdAt: _, updatedAt: __, ...policy } = row;
        return policy;
      }),

    create: (draft, check) =>
      changing('adding a policy', async (tx) => {
        check(await loadPolicies(tx));
        const [all] = await tx.select({ number: count() }).from(policies);
        if ((all?.number ?? 0) >= MAX_POLICIES) {
          throw new ParleyError('conflict', `There are ${MAX_POLICIES} policies already`);
        }
        const policy = { ...draft, id: randomUUID() };
        await tx.insert(policies).values({ ...rowOf(policy), createdAt: new Date(now()), updatedAt: new Date(now()) });
        return policy;
      }),

    replace: (id, decide) =>
      changing('changing a policy', async (tx) => {
        const { policy: before, written } = await current(tx, id);
        const after = { ...decide(before, written), id };
        await tx
          .update(policies)
          .set({ ...rowOf(after), updatedAt: new Date(now()) })
          .where(eq(policies.id, id));
        return { before, after };
      }),

    remove: (id, check) =>
      changing('removing a policy', async (tx) => {
        const { policy, written } = await current(tx, id);
        check(policy, written);
        await tx.delete(policies).where(eq(policies.id, id));
        return policy;
      }),
  };
}

const rowOf = ({ id, tenant, name, effect, actions, resources, principals }: Policy) => ({
  id,
  tenant,
  name,
  effect,
  actions: [...actions],
  resources: [...resources],
  principals: [...principals],
});
