import type { Policy } from '@parley/core/access';
import { ParleyError } from '@parley/core/errors';
import { assertMayEnact, assertMayWithdraw, type PolicyDraft } from '@parley/core/identity';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import type { IdentityRoutesDeps } from './deps.ts';
import { policyBody, policySchema } from './schemas.ts';
import { authorityOf, readable } from './visible.ts';

const tag = 'Access';
const read = { action: 'policy:read', scope: 'any', tag } as const;
const write = { action: 'policy:write', scope: 'any', tag } as const;
const idParams = z.object({ id: z.string().max(64) });

/** Rules of access beyond the built-in roles. */
export function policyRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { policies } = deps.identity;
  return [
    route({
      ...read,
      method: 'GET',
      path: '/policies',
      summary: 'The policies one may see',
      query: z.object({ ...pageQuery, tenant: z.string().max(64).optional() }),
      response: pageOf(policySchema),
      async handle(input) {
        const { limit, cursor, tenant } = input.query;
        const tenants = tenant === undefined ? readable(deps, input, 'policy:read') : [tenant];
        const rows = await policies.list({ tenants, limit: limit + 1, after: decodeCursor(cursor, z.string()) });
        return toPage(rows, limit, ({ id }) => id, policyView);
      },
    }),

    route({
      ...write,
      method: 'POST',
      path: '/policies',
      summary: 'Add a policy',
      idempotent: true,
      body: policyBody,
      response: policySchema,
      status: 201,
      async handle(input) {
        const draft = draftOf(deps, input.body);
        const policy = await policies.create(draft, (written) => enact(input, { ...draft, id: 'new' }, written));
        input.note({ ...policyView(policy) });
        input.tag(policyView(policy));
        return policyView(policy);
      },
    }),

    route({
      ...read,
      method: 'GET',
      path: '/policies/:id',
      summary: 'One policy',
      params: idParams,
      response: policySchema,
      async handle(input) {
        const policy = await visible(input, input.params.id);
        input.tag(policyView(policy));
        return policyView(policy);
      },
    }),

    route({
      ...write,
      method: 'PUT',
      path: '/policies/:id',
      summary: 'Replace a policy',
      params: idParams,
      conditional: true,
      body: policyBody,
      response: policySchema,
      async handle(input) {
        const { id } = input.params;
        const draft = draftOf(deps, input.body);
        await visible(input, id);
        const { before, after } = await policies.replace(id, (current, written) => {
          input.assertUnchanged(policyView(current));
          assertMayWithdraw(authorityOf(input), current);
          enact(
            input,
            { ...draft, id },
            written.filter((one) => one.id !== id),
          );
          return draft;
        });
        input.note({ before: policyView(before), after: policyView(after) });
        input.tag(policyView(after));
        return policyView(after);
      },
    }),

    route({
      ...write,
      method: 'DELETE',
      path: '/policies/:id',
      summary: 'Remove a policy',
      params: idParams,
      conditional: true,
      status: 204,
      async handle(input) {
        await visible(input, input.params.id);
        const gone = await policies.remove(input.params.id, (current) => {
          input.assertUnchanged(policyView(current));
          assertMayWithdraw(authorityOf(input), current);
        });
        input.note({ ...policyView(gone) });
        return undefined;
      },
    }),
  ];

  /** @throws ParleyError `not_found` also for one of a tenant that is none of the reader's business */
  async function visible({ may }: RouteContext, id: string): Promise<Policy> {
    const policy = await policies.find(id);
    if (policy && may(policy.tenant, 'policy:read', id)) return policy;
    throw new ParleyError('not_found', 'There is no such policy');
  }
}

function enact(input: RouteContext, policy: Policy, others: readonly Policy[]): void {
  assertMayEnact(authorityOf(input), policy, [...others, policy]);
}

/** A tenant's policy speaks of the tenant's own things: `*` is taken for all of them, anything else is refused. */
function draftOf({ tenants }: IdentityRoutesDeps, body: z.output<typeof policyBody>): PolicyDraft {
  const { tenant } = body;
  if (tenant === '*') return body;
  const refuse = (path: string, message: string) =>
    new ParleyError('invalid_request', `${path}: ${message}`, { fields: [{ path, message }] });
  if (!tenants().some(({ id }) => id === tenant)) throw refuse('tenant', 'there is no such tenant');
  const own = `tenant/${tenant}/`;
  const resources = body.resources.map((resource, index) => {
    if (resource === '*') return `${own}*`;
    if (resource.startsWith(own)) return resource;
    throw refuse(`resources.${index}`, `expected ${own}… or *`);
  });
  return { ...body, resources };
}

export const policyView = ({ id, tenant, name, effect, actions, resources, principals }: Policy) => ({
  id,
  tenant,
  name,
  effect,
  actions: [...actions],
  resources: [...resources],
  principals: [...principals],
});
