import { ACTIONS, type Policy, rolePolicies } from '@parley/core/access';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../http/access.ts';
import type { Actor } from '../http/route.ts';
import { permissionsOf } from './permissions.ts';

const TENANTS = ['acme', 'globex', 'initech', 'acme-2'];
const actorWith = (policies: Policy[], principals = ['user:me']): Actor => ({
  id: 'me',
  username: 'me',
  name: '',
  via: 'session',
  principals,
  policies,
});

describe('permissionsOf', () => {
  it('says of every action and tenant what a request would be told', () => {
    const resource = fc.constantFrom(
      '*',
      'tenant/*/channel/*',
      'tenant/acme/*',
      'hub/*',
      'tenant/a*',
      '*channel*',
      'hub/model/*',
    );
    const policy = fc.record({
      id: fc.uuid(),
      tenant: fc.constantFrom('*', '*', 'acme', 'globex', 'gone'),
      name: fc.constant(''),
      effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
      actions: fc.array(fc.constantFrom('*', '*:read', 'channel:*', 'get:channel', 'user:write'), {
        minLength: 1,
        maxLength: 2,
      }),
      resources: fc.array(resource, { minLength: 1, maxLength: 2 }),
      principals: fc.constantFrom(['user:me'], ['*'], ['user:other']),
    });
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 5 }), (policies) => {
        const actor = actorWith(policies);
        const can = permissionsOf(actor, TENANTS);
        for (const action of ACTIONS) {
          const verb = action.endsWith(':read') ? 'get' : 'post';
          const where = TENANTS.filter((tenant) => decide(actor, verb, action, tenant).allowed);
          const everywhere = where.length === TENANTS.length && decide(actor, verb, action, '*').allowed;
          expect(can[action] ?? []).toEqual(everywhere ? ['*'] : where);
        }
      }),
    );
  });

  it('names one’s own tenant, and the hub for whoever has it all', () => {
    const viewer = permissionsOf(actorWith(rolePolicies('viewer', 'acme'), ['role:viewer@acme']), TENANTS);
    expect(viewer['channel:read']).toEqual(['acme']);
    expect(viewer).not.toHaveProperty('channel:write');
    const owner = permissionsOf(actorWith(rolePolicies('owner', '*'), ['role:owner@*']), []);
    expect(Object.keys(owner)).toEqual(ACTIONS);
    expect(new Set(Object.values(owner).flat())).toEqual(new Set(['*']));
  });
});
