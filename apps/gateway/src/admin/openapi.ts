import { z } from 'zod';
import type { AdminRoute } from './http/route.ts';
import { ADMIN_PREFIX } from './http/serve.ts';
import { described } from './http/shapes.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the admin API, made from the same schemas that check its requests. */
export function openApiOf(routes: readonly AdminRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `${ADMIN_PREFIX}${route.path}`.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley admin API',
      version,
      description:
        'Sign in at /api/admin/auth/login and send the cookie with X-CSRF-Token, or send a personal access token: Authorization: Bearer pat_…',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'parley_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Error: ERROR },
    },
  };
}

const ERROR: Json = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        request_id: { type: 'string' },
        fields: {
          type: 'array',
          items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
};

function operationOf(route: AdminRoute): Json {
  const { action, tag, summary, body, status = route.response ? 200 : 204, produces } = route;
  const isOpen = action === 'open';
  const ok = route.response
    ? { content: { 'application/json': { schema: toJson(route.response, 'output') } } }
    : produces
      ? { content: { [produces]: { schema: { type: 'string' } } } }
      : {};
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    // What it takes to call it: read by the test that nothing stands open.
    'x-parley-action': action,
    security: isOpen ? [] : [{ session: [] }, { token: [] }],
    parameters: parametersOf(route),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: toJson(body, 'input') } } },
    }),
    responses: {
      [String(produces && !route.response ? 200 : status)]: { description: 'Done', ...ok },
      default: {
        description: 'Refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

/** `getChannelsByChannel`: what the console's client is generated from. */
function operationId({ method, path }: AdminRoute): string {
  const words = path.split(/[/-]/).filter(Boolean);
  const name = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word))).join('');
  return `${method.toLowerCase()}${name.replace(/\W/g, '')}`;
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function parametersOf({ params, query, conditional, idempotent }: AdminRoute): Json[] {
  const headers = [
    ...(conditional
      ? [{ name: 'If-Match', required: true, description: 'The ETag of the state that is changed' }]
      : []),
    ...(idempotent
      ? [{ name: 'Idempotency-Key', required: false, description: 'Repeated with it, it happens once' }]
      : []),
  ].map((header) => ({ ...header, in: 'header', schema: { type: 'string' } }));
  return [...fieldsOf(params, 'path'), ...fieldsOf(query, 'query'), ...headers];
}

function fieldsOf(schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = toJson(schema, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: value,
  }));
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const as = described.get(zodSchema);
      if (!as) return;
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      // As people write it: defaults may be left out.
      Object.assign(jsonSchema, toJson(as, 'input'));
    },
  }) as Json;
  const { $schema: _, '~standard': __, ...rest } = json;
  return rest;
}
