import { ACTIONS, matchesPattern, ROLE_ACTIONS, ROLES, type RoleName } from '@parley/core/access';
import { ago, ahead, DAY, HOUR } from './data.ts';
import { found, page, type Route, type RouteInput, refuse } from './route.ts';

/** What a role may do everywhere, as `GET /me` says it. */
export function permissions(role: RoleName): Record<string, string[]> {
  const allowed = ACTIONS.filter((action) => ROLE_ACTIONS[role].some((pattern) => matchesPattern(pattern, action)));
  return Object.fromEntries(allowed.map((action) => [action, ['*']]));
}

function me({ state }: RouteInput) {
  return {
    user: {
      id: 'u1',
      username: state.username,
      name: 'Administrator',
      email: 'admin@acme.example',
      totp_enabled: state.totp,
      must_change_password: false,
      method: 'password',
    },
    csrf_token: 'mock-csrf',
    roles: [{ tenant: '*', role: state.role }],
    can: permissions(state.role),
    tenants: state.tenants.map(({ id, config }) => ({ id, name: config.name ?? id })),
    features: { sandbox: true, oidc: true },
    version: '0.1.0',
  };
}

export function identityRoutes(): Record<string, Route> {
  return {
    'GET /auth/methods': () => ({ password: true, oidc: { name: 'Acme SSO' }, setup_hint: null }),
    'POST /auth/login': (input) => {
      const { username, password, code } = input.body;
      if (password === 'wrong') throw refuse(401, 'unauthorized', 'User name or password is wrong');
      if (password === 'locked') {
        input.response.setHeader('retry-after', '600');
        throw refuse(429, 'rate_limited', 'Too many attempts');
      }
      if (password === 'totp' && code === undefined) throw refuse(401, 'totp_required', 'A code is needed');
      if (password === 'totp' && code !== '123456') throw refuse(401, 'totp_required', 'A code is needed');
      input.state.signedIn = true;
      input.state.role = username === 'viewer' ? 'viewer' : 'owner';
      input.state.username = username;
      return { user: me(input).user, csrf_token: 'mock-csrf' };
    },
    'POST /auth/logout': ({ state }) => {
      state.signedIn = false;
    },
    'GET /me': me,
    'PATCH /me': me,
    'PUT /me/password': ({ body }) => {
      if (body.current === 'wrong') throw refuse(403, 'forbidden', 'The present password is wrong');
    },
    'POST /me/totp': () => ({
      secret: 'JBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/Parley:admin?secret=JBSWY3DPEHPK3PXP&issuer=Parley',
    }),
    'POST /me/totp/confirm': ({ state, body }) => {
      if (body.code !== '123456') throw refuse(400, 'invalid_request', 'The code is wrong');
      state.totp = true;
      return { recovery_codes: Array.from({ length: 8 }, (_, index) => `abcd-${1000 + index * 137}`) };
    },
    'DELETE /me/totp': ({ state }) => {
      state.totp = false;
    },
    'GET /me/sessions': () => ({
      items: [
        {
          id: 's1',
          current: true,
          method: 'password',
          created_at: ago(HOUR),
          last_seen_at: ago(1000),
          expires_at: ahead(DAY),
          ip: '203.0.113.7',
          user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/142',
        },
        {
          id: 's2',
          current: false,
          method: 'oidc',
          created_at: ago(3 * DAY),
          last_seen_at: ago(DAY),
          expires_at: ahead(DAY),
          ip: '198.51.100.4',
          user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)',
        },
      ],
    }),
    'DELETE /me/sessions/:id': () => undefined,
    'GET /me/tokens': ({ state }) => ({ items: state.tokens }),
    'POST /me/tokens': ({ state, body }) => {
      const token = {
        id: `t${state.tokens.length + 1}`,
        name: body.name,
        prefix: 'pat_9c1d',
        actions: body.actions ?? null,
        created_at: ago(0),
        expires_at: body.expires_at ?? null,
        last_used_at: null as never,
        revoked_at: null,
      };
      state.tokens.push(token);
      return { ...token, token: 'pat_9c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f' };
    },
    'DELETE /me/tokens/:id': ({ state, params }) => {
      found(state.tokens, params.id).revoked_at = ago(0);
    },
    'GET /users': ({ state }) => page(state.users),
    'POST /users': ({ state, body }) => {
      const user = {
        id: `u${state.users.length + 1}`,
        name: '',
        email: null,
        disabled: false,
        totp_enabled: false,
        locked_until: null,
        last_login_at: null,
        created_at: ago(0),
        roles: [],
        ...body,
      };
      state.users.push(user);
      return { ...user, initial_password: body.password ? undefined : 'correct-horse-battery-staple' };
    },
    'GET /users/:id': ({ state, params }) => found(state.users, params.id),
    'PATCH /users/:id': ({ state, params, body }) => Object.assign(found(state.users, params.id), body),
    'DELETE /users/:id': ({ state, params }) => {
      state.users = state.users.filter(({ id }) => id !== params.id);
    },
    'POST /users/:id/reset-password': () => ({ initial_password: 'staple-battery-horse-correct' }),
    'DELETE /users/:id/sessions': () => undefined,
    'DELETE /users/:id/totp': ({ state, params }) => {
      found(state.users, params.id).totp_enabled = false;
    },
    'POST /users/:id/unlock': ({ state, params }) => {
      found(state.users, params.id).locked_until = null;
    },
    'GET /roles': () => ({ items: ROLES.map((role) => ({ role, actions: ROLE_ACTIONS[role] })), actions: ACTIONS }),
    'GET /policies': ({ state }) => page(state.policies),
    'POST /policies': ({ state, body }) => {
      const policy = { id: `p${state.policies.length + 1}`, ...body };
      state.policies.push(policy);
      return policy;
    },
    'GET /policies/:id': ({ state, params }) => found(state.policies, params.id),
    'PUT /policies/:id': ({ state, params, body }) => Object.assign(found(state.policies, params.id), body),
    'DELETE /policies/:id': ({ state, params }) => {
      state.policies = state.policies.filter(({ id }) => id !== params.id);
    },
    'GET /access/explain': ({ state, query }) => {
      const denied = query.action?.endsWith(':write') && query.user === 'u3';
      const role = {
        id: 'role:owner@*',
        tenant: '*',
        name: 'owner of the hub',
        effect: 'allow',
        actions: ['*'],
        resources: ['*'],
        principals: ['role:owner@*'],
      };
      const [policy] = state.policies;
      return {
        allowed: !denied,
        token_bound: false,
        decided_by: denied ? policy : role,
        matching: denied ? [policy, role] : [role],
        roles: [{ tenant: '*', role: 'owner' }],
      };
    },
  };
}
