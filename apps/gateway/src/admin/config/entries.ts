import type { ChannelSet } from '@parley/adapter-registry';
import type { ConfigLayer, ConfigSource, EntryKind, ModelConfig } from '@parley/core/config';
import type { ConfigEditor, ConfigVersions } from '@parley/core/config-versions';
import { ParleyError } from '@parley/core/errors';
import type { Network } from '@parley/core/network';
import type { Pool } from '@parley/core/pool';
import type { Usage } from '@parley/core/provider';
import type { Store } from '@parley/core/store';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { RouteContext } from '../http/route.ts';
import type { ChannelHealth } from './channel-health.ts';

/** What the endpoints of the configuration are built on. */
export interface ConfigRoutesDeps {
  config: ConfigSource;
  editor: ConfigEditor;
  versions: ConfigVersions;
  channels: ChannelSet;
  health: ChannelHealth;
  pool: Pick<Pool, 'health'>;
  store: Store;
  logger: Logger;
  publicUrl: string | undefined;
  /** Asks a model once, without quota, cache or fallback: for trying one out. */
  askOnce: (model: ModelConfig, text: string, signal: AbortSignal) => Promise<{ reply: string; usage: Usage }>;
  /** Refuses addresses of the own network in what people enter. */
  assertReachable: (url: string, path: string) => Promise<void>;
  /** For adapters of credentials that are not saved. */
  draftNetwork: Network | undefined;
}

export const originSchema = z.enum(['file', 'environment', 'console', 'extra']);

export type ListKind = EntryKind;
const SINGULAR = { tenants: 'tenant', channels: 'channel', models: 'model' } as const;

/** An entry of the configuration as people see it: secrets as fingerprints. */
export interface ShownEntry {
  id: string;
  tenant?: string | undefined;
  origin: z.output<typeof originSchema>;
  read_only: boolean;
  config: Record<string, unknown>;
}

/** All entries of a kind that are in force. */
export function shownEntries(
  { config, editor }: Pick<ConfigRoutesDeps, 'config' | 'editor'>,
  kind: ListKind,
): ShownEntry[] {
  const shown = editor.show({ [kind]: config.current[kind] } as ConfigLayer)[kind] ?? [];
  return shown.map((entry) => {
    const id = String(Reflect.get(entry, 'id'));
    const tenant: unknown = Reflect.get(entry, 'tenant');
    const origin = config.originOf(kind, id) ?? 'file';
    // Nothing secret is in a tenant, so one that the quick start made may be taken over.
    const editable = origin === 'console' || (kind === 'tenants' && origin === 'environment');
    const plain: Record<string, unknown> = JSON.parse(JSON.stringify(entry));
    return { id, ...(typeof tenant === 'string' && { tenant }), origin, read_only: !editable, config: plain };
  });
}

/** @throws ParleyError `not_found` */
export function shownEntry(deps: Pick<ConfigRoutesDeps, 'config' | 'editor'>, kind: ListKind, id: string): ShownEntry {
  const entry = shownEntries(deps, kind).find((one) => one.id === id);
  if (!entry) throw new ParleyError('not_found', `there is no ${SINGULAR[kind]} ${JSON.stringify(id.slice(0, 64))}`);
  return entry;
}

/** Adds an entry. @throws ParleyError `conflict` for an id that is taken, `invalid_request` by field */
export async function createEntry(
  { config, editor }: ConfigRoutesDeps,
  kind: ListKind,
  entry: Record<string, unknown>,
  { actor, note }: Pick<RouteContext, 'actor' | 'note'>,
): Promise<void> {
  const id = String(entry.id ?? '');
  if (config.originOf(kind, id) !== undefined) {
    throw new ParleyError('conflict', `id: there is a ${SINGULAR[kind]} ${JSON.stringify(id)} already`, {
      fields: [{ path: 'config.id', message: 'is taken' }],
    });
  }
  let index = 0;
  const edited = await withFields(
    kind,
    () => index,
    () =>
      editor.edit(actor.username, `${SINGULAR[kind]} ${id} added`, (document) => {
        const list = document[kind] ?? [];
        index = list.length;
        return { ...document, [kind]: [...list, entry] };
      }),
  );
  note({ version: edited.version, changes: edited.changes });
}

/** Replaces an entry of the console (or takes over a tenant of the quick start). */
export async function replaceEntry(
  deps: ConfigRoutesDeps,
  kind: ListKind,
  id: string,
  entry: Record<string, unknown>,
  { actor, note }: Pick<RouteContext, 'actor' | 'note'>,
): Promise<void> {
  assertEditable(deps, kind, id);
  if (entry.id !== id) {
    throw new ParleyError('invalid_request', 'config.id: an id cannot be changed', {
      fields: [{ path: 'config.id', message: `expected ${JSON.stringify(id)}: an id cannot be changed` }],
    });
  }
  let index = 0;
  const edited = await withFields(
    kind,
    () => index,
    () =>
      deps.editor.edit(
        actor.username,
        `${SINGULAR[kind]} ${id} changed`,
        (document) => {
          const list = document[kind] ?? [];
          const at = list.findIndex((one) => Reflect.get(one, 'id') === id);
          index = at < 0 ? list.length : at;
          return { ...document, [kind]: at < 0 ? [...list, entry] : list.with(at, entry) };
        },
        entryIn(kind, id),
      ),
  );
  note({ version: edited.version, changes: edited.changes });
}

export async function removeEntry(
  deps: ConfigRoutesDeps,
  kind: ListKind,
  id: string,
  { actor, note }: Pick<RouteContext, 'actor' | 'note'>,
): Promise<void> {
  assertEditable(deps, kind, id);
  const edited = await deps.editor.edit(
    actor.username,
    `${SINGULAR[kind]} ${id} removed`,
    (document) => ({ ...document, [kind]: (document[kind] ?? []).filter((one) => Reflect.get(one, 'id') !== id) }),
    entryIn(kind, id),
  );
  note({ version: edited.version, changes: edited.changes });
}

const entryIn = (kind: ListKind, id: string) => (document: ConfigLayer) =>
  document[kind]?.find((one) => Reflect.get(one, 'id') === id);

function assertEditable(deps: ConfigRoutesDeps, kind: ListKind, id: string): void {
  const { read_only: readOnly, origin } = shownEntry(deps, kind, id);
  if (!readOnly) return;
  const where = {
    file: 'the configuration file',
    environment: 'environment variables',
    extra: 'the sandbox',
    console: '',
  };
  throw new ParleyError('forbidden', `${SINGULAR[kind]} ${id} comes from ${where[origin]} and is changed there`);
}

/** Mistakes are told by their place in the whole document; the caller knows only its own entry. */
async function withFields<T>(kind: ListKind, index: () => number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ParleyError) || !error.fields) throw error;
    const own = `${kind}[${index()}]`;
    const fields = error.fields.map(({ path, message }) => ({ path: path.replace(own, 'config'), message }));
    throw new ParleyError(error.code, error.message.replaceAll(own, 'config'), { fields, cause: error });
  }
}
