import { type ConfigLayer, configSchema } from '@parley/core/config';
import { type ConfigEditor, differences, type VersionInfo } from '@parley/core/config-versions';
import { type FieldIssue, ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import type { ConfigRoutesDeps } from './entries.ts';

const document = describedBy(configSchema.partial());
const params = z.object({ version: z.coerce.number().int().positive() });
const tag = 'Configuration';
const info = z.object({
  version: z.number(),
  author: z.string(),
  comment: z.string(),
  created_at: z.string(),
  activated_at: z.string().nullable(),
  active: z.boolean(),
  based_on: z.number().nullable(),
});
const issues = z.array(z.object({ path: z.string(), message: z.string() }));
const changes = z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() }));

/** What the console changed, version by version: read, compare, validate, activate, roll back. */
export function versionRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  const { config, editor, versions } = deps;
  const get = async (version: number) => {
    const found = await versions.get(version);
    if (!found) throw new ParleyError('not_found', `there is no version ${version}`);
    return found;
  };

  return [
    route({
      method: 'GET',
      path: '/config',
      action: 'config:read',
      scope: 'hub',
      tag,
      summary: 'The active version, and what does not fit any more',
      response: z.object({
        version: z.number().nullable(),
        origin_of_base: z.enum(['file', 'environment']),
        document,
        file_error: z.object({ at: z.string(), issues }).nullable(),
        left_out: z.array(z.object({ origin: z.string(), path: z.string(), message: z.string() })),
      }),
      async handle({ tag: setTag }) {
        const { version, document: active } = await editor.read();
        setTag({ version });
        const { lastError, leftOut } = config;
        const at = lastError && new Date(lastError.at).toISOString();
        return {
          version,
          origin_of_base: config.source,
          document: plain(editor.show(active)),
          file_error: lastError && at ? { at, issues: lastError.issues } : null,
          left_out: [...leftOut],
        };
      },
    }),
    route({
      method: 'POST',
      path: '/config/validate',
      action: 'config:read',
      scope: 'hub',
      tag,
      summary: 'Every mistake of a document, by its path',
      body: z.strictObject({ document }),
      response: z.object({ ok: z.boolean(), issues }),
      quiet: true,
      async handle({ body }) {
        const found = await issuesOf(editor, body.document);
        return { ok: found.length === 0, issues: found };
      },
    }),
    route({
      method: 'GET',
      path: '/config/versions',
      action: 'config:read',
      scope: 'hub',
      tag,
      summary: 'All versions, newest first',
      query: z.object(pageQuery),
      response: pageOf(info),
      async handle({ query: { limit, cursor } }) {
        const before = decodeCursor(cursor, z.number().int());
        return toPage(await versions.list(limit + 1, before), limit, ({ version }) => version, shownInfo);
      },
    }),
    route({
      method: 'POST',
      path: '/config/versions',
      action: 'config:write',
      scope: 'hub',
      tag,
      summary: 'Write a draft; it is not in force before it is activated',
      body: z.strictObject({ document, comment: z.string().max(500).default('') }),
      response: info,
      status: 201,
      idempotent: true,
      async handle({ body, actor, note }) {
        const version = await editor.draft(actor.username, body.comment, layerOf(body.document));
        note({ version });
        return shownInfo(await get(version));
      },
    }),
    route({
      method: 'GET',
      path: '/config/versions/:version',
      action: 'config:read',
      scope: 'hub',
      tag,
      summary: 'One version as a whole, secrets as fingerprints',
      params,
      response: info.extend({ document }),
      async handle({ params: { version } }) {
        const found = await get(version);
        return { ...shownInfo(found), document: plain(editor.show(found.document)) };
      },
    }),
    route({
      method: 'GET',
      path: '/config/versions/:version/diff',
      action: 'config:read',
      scope: 'hub',
      tag,
      summary: 'What a version changes, against another or the one it is based on',
      params,
      query: z.object({ with: z.coerce.number().int().positive().optional() }),
      response: z.object({ with: z.number().nullable(), changes }),
      async handle({ params: { version }, query }) {
        const found = await get(version);
        const other = query.with ?? found.basedOn ?? undefined;
        const before = other === undefined ? {} : (await versions.get(other))?.document;
        return {
          with: other ?? null,
          changes: differences(editor.show(before ?? {}), editor.show(found.document)),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/config/versions/:version/activate',
      action: 'config:write',
      scope: 'hub',
      tag,
      summary: 'Bring a version into force; an older one is a roll-back',
      params,
      response: z.object({ version: z.number(), changes }),
      conditional: true,
      async handle({ params: { version }, assertUnchanged, note, tag: setTag }) {
        const expected = await versions.activeNumber();
        assertUnchanged({ version: expected });
        const activated = await editor.activate(version, expected);
        note({ ...activated, before: expected });
        setTag({ version });
        return activated;
      },
    }),
  ];
}

const plain = (layer: ConfigLayer): Record<string, unknown> => ({ ...layer });

function shownInfo({ version, author, comment, createdAt, activatedAt, active, basedOn }: VersionInfo) {
  return {
    version,
    author,
    comment,
    created_at: createdAt.toISOString(),
    activated_at: activatedAt?.toISOString() ?? null,
    active,
    based_on: basedOn,
  };
}

async function issuesOf(editor: ConfigEditor, document: Record<string, unknown>): Promise<FieldIssue[]> {
  try {
    return await editor.check(layerOf(document));
  } catch (error) {
    if (error instanceof ParleyError && error.fields) return [...error.fields];
    throw error;
  }
}

/**
 * What was sent, as entries that can be laid over the file; what they say is checked later, all at once.
 *
 * @throws ParleyError `invalid_request` for a key that the configuration does not have, and for lists that are none
 */
function layerOf(document: Record<string, unknown>): ConfigLayer {
  const fields = Object.entries(document).flatMap(([path, value]): FieldIssue[] => {
    if (!Object.hasOwn(configSchema.shape, path)) return [{ path, message: 'unknown key' }];
    if (path === 'version') return [];
    if (path === 'api') return isObject(value) ? [] : [{ path, message: 'expected an object' }];
    if (!Array.isArray(value)) return [{ path, message: 'expected a list' }];
    return value.flatMap((entry: unknown, index) =>
      isObject(entry) ? [] : [{ path: `${path}[${index}]`, message: 'expected an object' }],
    );
  });
  if (fields.length === 0) return document;
  const said = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ParleyError('invalid_request', said, { fields });
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
