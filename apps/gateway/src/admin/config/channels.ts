import { type ChannelConfig, channelSchema } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { lastReplies } from '@parley/core/store';
import { z } from 'zod';
import { pageOf } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import { channelStatusSchema, statusOf } from './channel-status.ts';
import { channelTestRoutes } from './channel-tests.ts';
import {
  type ConfigRoutesDeps,
  createEntry,
  originSchema,
  removeEntry,
  replaceEntry,
  type ShownEntry,
  shownEntries,
  shownEntry,
} from './entries.ts';

const config = describedBy(channelSchema);
const entry = z.object({
  id: z.string(),
  tenant: z.string(),
  origin: originSchema,
  read_only: z.boolean(),
  config,
  status: channelStatusSchema,
});
const params = z.object({ channel: z.string() });
const tag = 'Channels';

/** The tenant a channel belongs to; undefined for one that is not there, so that only the hub's people learn that. */
export const tenantOfChannel = (deps: Pick<ConfigRoutesDeps, 'config'>, id: string): string | undefined =>
  deps.config.current.channels.find((channel) => channel.id === id)?.tenant;

export function channelRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  const tenantOf = ({ params: { channel } }: { params: { channel: string } }) => tenantOfChannel(deps, channel);

  async function withStatus(shown: ShownEntry[]) {
    const replies = await lastReplies(
      deps.store,
      shown.map(({ id }) => id),
    );
    return Promise.all(
      shown.map(async (one) => {
        const channel = deps.config.current.channels.find(({ id }) => id === one.id) as ChannelConfig;
        const status = statusOf(channel, await deps.health.read(one.id), replies.get(one.id), deps.publicUrl);
        return { ...one, tenant: channel.tenant, status };
      }),
    );
  }

  async function one(id: string, setTag: (state: unknown) => void) {
    const shown = shownEntry(deps, 'channels', id);
    setTag(shown.config);
    const [found] = await withStatus([shown]);
    if (!found) throw new ParleyError('not_found', 'there is no such channel');
    return found;
  }

  return [
    route({
      method: 'GET',
      path: '/channels',
      action: 'channel:read',
      scope: 'any',
      tag,
      summary: 'All channels that you may see, and how they do',
      query: z.object({ tenant: z.string().optional() }),
      response: pageOf(entry),
      async handle({ query, may }) {
        const visible = shownEntries(deps, 'channels').filter(
          ({ id, tenant = '' }) =>
            (query.tenant === undefined || tenant === query.tenant) && may(tenant, undefined, id),
        );
        return { items: await withStatus(visible), next_cursor: null };
      },
    }),
    route({
      method: 'POST',
      path: '/channels',
      action: 'channel:write',
      tag,
      summary: 'Connect a bot',
      body: z.strictObject({ config }),
      tenantOf: ({ body }) => text(body?.config?.tenant),
      response: entry,
      status: 201,
      idempotent: true,
      async handle({ body, tag: setTag, ...context }) {
        await createEntry(deps, 'channels', body.config, context);
        return one(String(body.config.id), setTag);
      },
    }),
    route({
      method: 'GET',
      path: '/channels/:channel',
      action: 'channel:read',
      tag,
      summary: 'One channel',
      params,
      tenantOf,
      response: entry,
      handle: ({ params: { channel }, tag: setTag }) => one(channel, setTag),
    }),
    route({
      method: 'PUT',
      path: '/channels/:channel',
      action: 'channel:write',
      tag,
      summary: 'Change a channel',
      params,
      tenantOf,
      body: z.strictObject({ config }),
      response: entry,
      conditional: true,
      async handle({ params: { channel }, body, tag: setTag, assertUnchanged, ...context }) {
        assertUnchanged(shownEntry(deps, 'channels', channel).config);
        // A channel that moves has to be allowed where it goes to, too.
        context.require(text(body.config.tenant) ?? '*', 'channel:write', channel);
        await replaceEntry(deps, 'channels', channel, body.config, context);
        return one(channel, setTag);
      },
    }),
    route({
      method: 'DELETE',
      path: '/channels/:channel',
      action: 'channel:write',
      tag,
      summary: 'Disconnect a bot',
      params,
      tenantOf,
      conditional: true,
      async handle({ params: { channel }, assertUnchanged, ...context }) {
        assertUnchanged(shownEntry(deps, 'channels', channel).config);
        await removeEntry(deps, 'channels', channel, context);
      },
    }),
    ...channelTestRoutes(deps, tenantOf),
  ];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
