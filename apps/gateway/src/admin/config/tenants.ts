import { type TenantConfig, tenantSchema } from '@parley/core/config';
import { z } from 'zod';
import { pageOf } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import {
  type ConfigRoutesDeps,
  createEntry,
  originSchema,
  removeEntry,
  replaceEntry,
  shownEntries,
  shownEntry,
} from './entries.ts';

const config = describedBy(tenantSchema);
const entry = z.object({ id: z.string(), origin: originSchema, read_only: z.boolean(), config });
const params = z.object({ tenant: z.string() });
const tag = 'Tenants';

export function tenantRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  return [
    route({
      method: 'GET',
      path: '/tenants',
      action: 'tenant:read',
      scope: 'any',
      tag,
      summary: 'All tenants that you may see',
      response: pageOf(entry),
      handle: ({ may }) => ({
        items: shownEntries(deps, 'tenants').filter(({ id }) => may(id)),
        next_cursor: null,
      }),
    }),
    route({
      method: 'POST',
      path: '/tenants',
      action: 'tenant:write',
      scope: 'hub',
      tag,
      summary: 'Add a tenant',
      body: z.strictObject({ config }),
      response: entry,
      status: 201,
      idempotent: true,
      async handle({ body, tag: setTag, ...context }) {
        await createEntry(deps, 'tenants', body.config, context);
        const made = shownEntry(deps, 'tenants', String(body.config.id));
        setTag(made.config);
        return made;
      },
    }),
    route({
      method: 'GET',
      path: '/tenants/:tenant',
      action: 'tenant:read',
      tag,
      summary: 'One tenant',
      params,
      response: entry,
      handle({ params: { tenant }, tag: setTag }) {
        const found = shownEntry(deps, 'tenants', tenant);
        setTag(found.config);
        return found;
      },
    }),
    route({
      method: 'PUT',
      path: '/tenants/:tenant',
      action: 'tenant:write',
      tag,
      summary: 'Change a tenant',
      params,
      body: z.strictObject({ config }),
      response: entry,
      conditional: true,
      async handle({ params: { tenant }, body, tag: setTag, assertUnchanged, ...context }) {
        assertUnchanged(shownEntry(deps, 'tenants', tenant).config);
        await replaceEntry(deps, 'tenants', tenant, body.config, context);
        const changed = shownEntry(deps, 'tenants', tenant);
        setTag(changed.config);
        return changed;
      },
    }),
    route({
      method: 'DELETE',
      path: '/tenants/:tenant',
      action: 'tenant:write',
      tag,
      summary: 'Remove a tenant; its records stay for as long as they are kept',
      params,
      conditional: true,
      async handle({ params: { tenant }, assertUnchanged, ...context }) {
        // Who has a tenant only must not make it vanish for the hub.
        context.require('*', 'tenant:write');
        assertUnchanged(shownEntry(deps, 'tenants', tenant).config);
        await removeEntry(deps, 'tenants', tenant, context);
      },
    }),
    ...raiseRoutes(deps),
  ];
}

const raiseBody = z.strictObject({
  until: z.iso.datetime({ offset: true }),
  factor: z.number().gt(1).max(1000).optional(),
  budget_usd: z.number().positive().max(1_000_000).optional(),
});

/** More for a while: limits times a factor, and a budget that is larger by so much. */
function raiseRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  const change = async (
    tenant: string,
    raise: TenantConfig['raise'] | undefined,
    context: Parameters<typeof replaceEntry>[4],
  ) => {
    const { raise: _before, ...rest } = shownEntry(deps, 'tenants', tenant).config;
    await replaceEntry(deps, 'tenants', tenant, raise ? { ...rest, raise } : rest, context);
    return shownEntry(deps, 'tenants', tenant);
  };
  return [
    route({
      method: 'POST',
      path: '/tenants/:tenant/raise',
      action: 'quota:write',
      tag: 'Quota',
      summary: 'Raise a tenant’s limits or budget until a moment',
      params,
      body: raiseBody,
      response: entry,
      status: 201,
      handle: ({ params: { tenant }, body, ...context }) => change(tenant, body, context),
    }),
    route({
      method: 'DELETE',
      path: '/tenants/:tenant/raise',
      action: 'quota:write',
      tag: 'Quota',
      summary: 'Take a raise back',
      params,
      response: entry,
      handle: ({ params: { tenant }, ...context }) => change(tenant, undefined, context),
    }),
  ];
}
