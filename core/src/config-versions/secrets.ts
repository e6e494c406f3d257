import type { ConfigLayer } from '../config/index.ts';
import { type FieldIssue, ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';

/** Where a secret stands in a document. */
export interface SecretPlace {
  kind: 'channels' | 'models' | 'api_keys';
  id: string;
  field: string;
  /** As a mistake in it is told: `channels[0].credentials.bot_token`. */
  path: string;
}

/** Identifiers that stand among the credentials and open nothing. */
const NOT_SECRET: ReadonlySet<string> = new Set(['app_id']);
/** What is secret of a key to the hub's own API. */
const OF_API_KEYS = ['key', 'signing_secret'] as const;
const KEPT = /^kept:([0-9a-f]{12})$/;

/** The document with every secret replaced; everything else is the same. */
export function mapSecrets(
  document: ConfigLayer,
  change: (value: unknown, place: SecretPlace) => unknown,
): ConfigLayer {
  const channels = document.channels?.map((channel, index) => {
    const credentials: unknown = Reflect.get(channel, 'credentials');
    if (typeof credentials !== 'object' || credentials === null) return channel;
    const changed = Object.entries(credentials).map(([field, value]) => {
      const place = {
        kind: 'channels' as const,
        id: idOf(channel),
        field,
        path: `channels[${index}].credentials.${field}`,
      };
      return [field, NOT_SECRET.has(field) ? value : change(value, place)];
    });
    return { ...channel, credentials: Object.fromEntries(changed) };
  });
  const models = document.models?.map((model, index) => {
    const keys: unknown = Reflect.get(model, 'keys');
    if (!Array.isArray(keys)) return model;
    const placeOf = (position: number) => ({
      kind: 'models' as const,
      id: idOf(model),
      field: 'keys',
      path: `models[${index}].keys[${position}]`,
    });
    return { ...model, keys: keys.map((key: unknown, position) => change(key, placeOf(position))) };
  });
  const apiKeys = document.api_keys?.map((entry, index) => {
    const held = OF_API_KEYS.filter((field) => Object.hasOwn(entry, field));
    const changed = held.map((field) => {
      const place = { kind: 'api_keys' as const, id: idOf(entry), field, path: `api_keys[${index}].${field}` };
      return [field, change(Reflect.get(entry, field), place)];
    });
    return { ...entry, ...Object.fromEntries(changed) };
  });
  return {
    ...document,
    ...(channels && { channels }),
    ...(models && { models }),
    ...(apiKeys && { api_keys: apiKeys }),
  };
}

const idOf = (entry: object) => String(Reflect.get(entry, 'id') ?? '');
const contextOf = ({ kind, id, field }: SecretPlace) => `console/${kind}/${id}/${field}`;

/** For the database: every secret sealed for its place. */
export function sealSecrets(document: ConfigLayer, sealer: Sealer): ConfigLayer {
  return mapSecrets(document, (value, place) =>
    typeof value === 'string' ? { $sealed: sealer.seal(value, contextOf(place)) } : value,
  );
}

/** From the database. @throws ParleyError `invalid_config` under another master key */
export function openSecrets(document: ConfigLayer, sealer: Sealer): ConfigLayer {
  return mapSecrets(document, (value, place) => {
    const sealed: unknown = Reflect.get(Object(value), '$sealed');
    return typeof sealed === 'string' ? sealer.open(sealed, contextOf(place)) : value;
  });
}

/** Stored secrets under another master key; `reseal` gives undefined for one that is under it already. */
export function resealSecrets(
  document: ConfigLayer,
  reseal: (sealed: string, context: string) => string,
): { document: ConfigLayer; resealed: number } {
  let resealed = 0;
  const changed = mapSecrets(document, (value, place) => {
    const sealed: unknown = Reflect.get(Object(value), '$sealed');
    if (typeof sealed !== 'string') return value;
    const next = reseal(sealed, contextOf(place));
    if (next !== sealed) resealed++;
    return { $sealed: next };
  });
  return { document: changed, resealed };
}

/** For people: `kept:` and a fingerprint that tells two secrets apart and nothing else. */
export function showSecrets(document: ConfigLayer, sealer: Sealer): ConfigLayer {
  return mapSecrets(document, (value, place) =>
    typeof value === 'string' ? `kept:${fingerprint(value, place, sealer)}` : value,
  );
}

function fingerprint(value: string, { kind, id }: SecretPlace, sealer: Sealer): string {
  return sealer.digest(value, `kept/${kind}/${id}`).slice(0, 12);
}

/**
 * Puts the stored secrets in where somebody sent `kept:…` back. A secret stays with its entry, and with the address it
 * was entered for: who may change an entry must not be able to have its secrets sent to a server of their own.
 *
 * @param known the present document, opened, and entries of file and environment
 * @throws ParleyError `invalid_request` that names every place
 */
export function takeKept(document: ConfigLayer, known: ConfigLayer, sealer: Sealer): ConfigLayer {
  const secrets = new Map<string, string>();
  mapSecrets(known, (value, place) => {
    if (typeof value === 'string') secrets.set(`${place.kind} ${place.id} ${fingerprint(value, place, sealer)}`, value);
    return value;
  });
  const moved = movedEntries(document, known);
  const fields: FieldIssue[] = [];
  const taken = mapSecrets(document, (value, place) => {
    const mark = typeof value === 'string' ? KEPT.exec(value)?.[1] : undefined;
    if (mark === undefined) return value;
    const found = secrets.get(`${place.kind} ${place.id} ${mark}`);
    if (found === undefined)
      fields.push({ path: place.path, message: 'there is no such stored secret: enter it again' });
    else if (moved.has(`${place.kind} ${place.id}`)) {
      fields.push({ path: place.path, message: 'enter it again: it would be sent to another address than before' });
    }
    return found ?? value;
  });
  if (fields.length > 0) {
    throw new ParleyError('invalid_request', fields.map(({ path, message }) => `${path}: ${message}`).join('; '), {
      fields,
    });
  }
  return taken;
}

/** Entries that talk to an address they did not talk to before. */
function movedEntries(document: ConfigLayer, known: ConfigLayer): Set<string> {
  const moved = new Set<string>();
  for (const kind of ['channels', 'models'] as const) {
    const before = new Map((known[kind] ?? []).map((entry) => [idOf(entry), addressesOf(entry)]));
    for (const entry of document[kind] ?? []) {
      const earlier = before.get(idOf(entry));
      if (earlier && [...addressesOf(entry)].some((address) => !earlier.has(address)))
        moved.add(`${kind} ${idOf(entry)}`);
    }
  }
  return moved;
}

function addressesOf(entry: object): Set<string> {
  const endpoints: unknown = Reflect.get(entry, 'endpoints');
  const urls = [
    Reflect.get(entry, 'api_base_url'),
    ...(Array.isArray(endpoints) ? endpoints.map((one: unknown) => Reflect.get(Object(one), 'base_url')) : []),
  ].filter((url) => typeof url === 'string');
  const provider: unknown = Reflect.get(entry, 'provider') ?? Reflect.get(entry, 'platform');
  // Without an address of its own it is the provider's.
  return new Set((urls.length > 0 ? urls : [`default of ${String(provider)}`]).map((url) => originOf(String(url))));
}

const originOf = (url: string) => URL.parse(url)?.origin ?? url;
