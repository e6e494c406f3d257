import { isDeepStrictEqual } from 'node:util';
import { apiSchema } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import { type ConfigRoutesDeps, originSchema } from './entries.ts';

const api = describedBy(apiSchema);
const settings = z.object({ origin: originSchema, read_only: z.boolean(), api });

/** What the whole HTTP API is set to. */
export function settingsRoutes({ config, editor }: ConfigRoutesDeps): AdminRoute[] {
  function shown(): z.output<typeof settings> {
    const inFile = !isDeepStrictEqual(config.base.api, apiSchema.parse({}));
    return { origin: inFile ? 'file' : 'console', read_only: inFile, api: { ...config.current.api } };
  }
  return [
    route({
      method: 'GET',
      path: '/settings',
      action: 'settings:read',
      scope: 'hub',
      tag: 'Settings',
      summary: 'CORS and the limit per address',
      response: settings,
      handle({ tag }) {
        tag(shown());
        return shown();
      },
    }),
    route({
      method: 'PUT',
      path: '/settings',
      action: 'settings:write',
      scope: 'hub',
      tag: 'Settings',
      summary: 'Change CORS and the limit per address',
      body: z.strictObject({ api }),
      response: settings,
      conditional: true,
      async handle({ body, actor, note, tag, assertUnchanged }) {
        assertUnchanged(shown());
        if (shown().read_only) throw new ParleyError('forbidden', 'These settings come from the configuration file');
        const edited = await editor.edit(
          actor.username,
          'API settings changed',
          (document) => ({ ...document, api: body.api }),
          ({ api }) => api,
        );
        note({ version: edited.version, changes: edited.changes });
        tag(shown());
        return shown();
      },
    }),
  ];
}
