import { type ConfigLayer, guardSchema, ruleSchema } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import { type ConfigRoutesDeps, originSchema } from './entries.ts';
import { guardTest, ruleTest } from './rule-tests.ts';

const params = z.object({ tenant: z.string() });
const rule = describedBy(ruleSchema);
const guard = describedBy(guardSchema);
const ruleList = z.object({ items: z.array(z.object({ origin: originSchema, read_only: z.boolean(), rule })) });
const guardOf = z.object({ origin: originSchema, read_only: z.boolean(), guard: guard.nullable() });

/** What is answered without a model, and what is masked or refused: each tenant's own. */
export function ruleRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  const { config, editor } = deps;
  const ofTenant = <T extends { tenant: string }>(entries: readonly T[], tenant: string) =>
    entries.filter((one) => one.tenant === tenant);
  const assertTenant = (tenant: string) => {
    if (!config.current.tenants.some(({ id }) => id === tenant))
      throw new ParleyError('not_found', 'there is no such tenant');
  };

  function shownRules(tenant: string): z.output<typeof ruleList> {
    assertTenant(tenant);
    // The file's rules come first: of a tenant's rules in force, those beyond them are the console's.
    const fromFile = ofTenant(config.base.rules, tenant).length;
    return {
      items: ofTenant(config.current.rules, tenant).map((one, index) => ({
        origin: index < fromFile ? ('file' as const) : ('console' as const),
        read_only: index < fromFile,
        rule: { ...one },
      })),
    };
  }

  function shownGuard(tenant: string): z.output<typeof guardOf> {
    assertTenant(tenant);
    const inFile = ofTenant(config.base.guard, tenant).length > 0;
    const [found] = ofTenant(config.current.guard, tenant);
    return { origin: inFile ? 'file' : 'console', read_only: inFile, guard: found ? { ...found } : null };
  }

  async function change(
    tenant: string,
    list: 'rules' | 'guard',
    entries: Record<string, unknown>[],
    { actor, note }: Pick<RouteContext, 'actor' | 'note'>,
  ): Promise<void> {
    const isOther = (one: object) => Reflect.get(one, 'tenant') !== tenant;
    let before = 0;
    try {
      const edited = await editor.edit(
        actor.username,
        `${list} of ${tenant} changed`,
        (document): ConfigLayer => {
          const others = (document[list] ?? []).filter(isOther);
          before = others.length;
          return { ...document, [list]: [...others, ...entries.map((one) => ({ ...one, tenant }))] };
        },
        (document) => (document[list] ?? []).filter((one) => !isOther(one)),
      );
      note({ version: edited.version, changes: edited.changes });
    } catch (error) {
      if (!(error instanceof ParleyError) || !error.fields) throw error;
      // The caller knows its own list only, and a single guard.
      const fields = error.fields.map(({ path, message }) => ({
        path: path.replace(new RegExp(`^${list}\\[(\\d+)\\]`), (_, at: string) =>
          list === 'guard' ? list : `${list}[${Number(at) - before}]`,
        ),
        message,
      }));
      throw new ParleyError(error.code, fields.map((one) => `${one.path}: ${one.message}`).join('; '), { fields });
    }
  }

  return [
    route({
      method: 'GET',
      path: '/tenants/:tenant/rules',
      action: 'rule:read',
      tag: 'Rules and guard',
      summary: 'A tenant’s rules in the order in which they are tried',
      params,
      response: ruleList,
      handle({ params: { tenant }, tag }) {
        const shown = shownRules(tenant);
        tag(shown);
        return shown;
      },
    }),
    route({
      method: 'PUT',
      path: '/tenants/:tenant/rules',
      action: 'rule:write',
      tag: 'Rules and guard',
      summary: 'Replace the rules that were made in the console',
      params,
      body: z.strictObject({ rules: z.array(rule).max(10_000) }),
      response: ruleList,
      conditional: true,
      async handle({ params: { tenant }, body, tag, assertUnchanged, ...context }) {
        assertUnchanged(shownRules(tenant));
        await change(tenant, 'rules', body.rules, context);
        tag(shownRules(tenant));
        return shownRules(tenant);
      },
    }),
    route({
      method: 'GET',
      path: '/tenants/:tenant/guard',
      action: 'guard:read',
      tag: 'Rules and guard',
      summary: 'What is masked, refused and replaced for a tenant',
      params,
      response: guardOf,
      handle({ params: { tenant }, tag }) {
        const shown = shownGuard(tenant);
        tag(shown);
        return shown;
      },
    }),
    route({
      method: 'PUT',
      path: '/tenants/:tenant/guard',
      action: 'guard:write',
      tag: 'Rules and guard',
      summary: 'Replace a tenant’s guard',
      params,
      body: z.strictObject({ guard: guard.nullable() }),
      response: guardOf,
      conditional: true,
      async handle({ params: { tenant }, body, tag, assertUnchanged, ...context }) {
        const before = shownGuard(tenant);
        assertUnchanged(before);
        if (before.read_only)
          throw new ParleyError('forbidden', 'This guard comes from the configuration file and is changed there');
        await change(tenant, 'guard', body.guard === null ? [] : [body.guard], context);
        tag(shownGuard(tenant));
        return shownGuard(tenant);
      },
    }),
    ruleTest(deps),
    guardTest(deps),
  ];
}
