import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, decideAccess, excessOf, matchesPattern, overlaps, type Policy, ROLES, rolePolicies } from './index.ts';

/** Short words over few letters: patterns meet often. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 6 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*'), maxLength: 6 });

describe('patterns', () => {
  it('a wider pattern matches whatever the narrower one matches', () => {
    fc.assert(
      fc.property(pattern, pattern, word, (wide, narrow, name) => {
        fc.pre(covers(wide, narrow) && matchesPattern(narrow, name));
        expect(matchesPattern(wide, name)).toBe(true);
      }),
      { maxSkipsPerRun: 10_000 },
    );
  });

  it('two patterns that match one name overlap', () => {
    fc.assert(
      fc.property(pattern, pattern, word, (a, b, name) => {
        fc.pre(matchesPattern(a, name) && matchesPattern(b, name));
        expect(overlaps(a, b)).toBe(true);
      }),
      { maxSkipsPerRun: 10_000 },
    );
  });

  it('a name overlaps with exactly the patterns that match it', () => {
    fc.assert(
      fc.property(pattern, word, (a, name) => {
        expect(overlaps(a, name)).toBe(matchesPattern(a, name));
      }),
    );
  });
});

const policy = (given: Partial<Policy>): Policy => ({
  id: 'p',
  tenant: '*',
  name: 'p',
  effect: 'allow',
  actions: ['*'],
  resources: ['*'],
  principals: ['user:other'],
  ...given,
});
const holder = (role: (typeof ROLES)[number], tenant: string) => ({
  subject: { principals: ['user:me', `role:${role}@${tenant}`] },
  policies: rolePolicies(role, tenant),
});

describe('excessOf', () => {
  it('lets every role give itself and what is below it, in its own place only', () => {
    for (const [rank, role] of ROLES.entries()) {
      const { subject, policies } = holder(role, 'acme');
      for (const [other, lesser] of ROLES.entries()) {
        const excess = excessOf(subject, policies, rolePolicies(lesser, 'acme'));
        expect([role, lesser, excess === undefined]).toEqual([role, lesser, other >= rank]);
        expect(excessOf(subject, policies, rolePolicies(lesser, 'globex'))).toBeDefined();
        expect(excessOf(subject, policies, rolePolicies(lesser, '*'))).toBeDefined();
      }
    }
  });

  it('lets an owner of the hub give everything', () => {
    const { subject, policies } = holder('owner', '*');
    for (const tenant of ['*', 'acme']) {
      for (const role of ROLES) expect(excessOf(subject, policies, rolePolicies(role, tenant))).toBeUndefined();
    }
    expect(excessOf(subject, policies, [policy({})])).toBeUndefined();
  });

  it('gives nothing that a denial keeps from the giver, by whichever name', () => {
    const { subject, policies } = holder('owner', 'acme');
    const deny = (actions: string[], principals: string[]) =>
      policy({ effect: 'deny', actions, resources: ['tenant/acme/channel/secret'], principals });
    const give = (denial: Policy) => excessOf(subject, [...policies, denial], rolePolicies('admin', 'acme'));
    expect(give(deny(['channel:write'], ['user:me']))).toBeDefined();
    expect(give(deny(['put:channel'], ['user:me']))).toBeDefined();
    expect(give(deny(['audit:write'], ['user:me']))).toBeUndefined();
    // Whom it binds as well takes no more than the giver has.
    expect(give(deny(['channel:write'], ['*']))).toBeUndefined();
    expect(give(deny(['channel:write'], ['user:me', 'role:admin@acme']))).toBeUndefined();
  });

  it('counts a token’s own bound', () => {
    const { subject, policies } = holder('owner', '*');
    const bounded = { ...subject, onlyActions: ['user:*', 'channel:*'] };
    expect(excessOf(bounded, policies, [policy({ actions: ['channel:read'] })])).toBeUndefined();
    expect(excessOf(bounded, policies, [policy({ actions: ['*:read'] })])).toBeDefined();
    expect(excessOf(bounded, policies, rolePolicies('viewer', 'acme'))).toBeDefined();
  });

  it('whatever it lets through allows nobody anything that the giver may not do', () => {
    const action = fc.constantFrom('channel:read', 'channel:write', 'model:read', 'user:write');
    const actions = fc.array(fc.oneof(action, fc.constantFrom('*', '*:read', 'channel:*', 'c*e')), {
      minLength: 1,
      maxLength: 3,
    });
    const resource = fc.constantFrom('tenant/acme/channel/a', 'tenant/globex/channel/a', 'hub/model/m');
    const resources = fc.array(fc.oneof(resource, fc.constantFrom('*', 'tenant/acme/*', 'tenant/*/a', 'hub/*')), {
      minLength: 1,
      maxLength: 2,
    });
    const tenant = fc.constantFrom('*', 'acme');
    const own = fc.record({
      tenant,
      effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
      actions,
      resources,
      principals: fc.constant(['user:me']),
    });
    const given = fc.record({ tenant, actions, resources });
    fc.assert(
      fc.property(fc.array(own, { maxLength: 4 }), given, action, resource, (mine, gift, what, where) => {
        const me = { principals: ['user:me'] };
        const policies = mine.map((one, index) => policy({ ...one, id: `p${index}` }));
        const granted = policy({ ...gift, id: 'gift' });
        fc.pre(excessOf(me, policies, [granted]) === undefined);
        const request = { actions: [what], resource: where };
        const getsIt = decideAccess({ principals: ['user:other'] }, request, [granted]).allowed;
        if (getsIt) expect(decideAccess(me, request, policies).allowed).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
