import { isDeepStrictEqual } from 'node:util';
import { formatPath, type PathIssue } from './issues.ts';
import { apiSchema, type Config } from './schema.ts';
import { validateConfig } from './validate.ts';

/** Entries that are laid over the configuration of file or environment. Plain data, not validated yet. */
export interface ConfigLayer {
  tenants?: readonly object[] | undefined;
  channels?: readonly object[] | undefined;
  models?: readonly object[] | undefined;
  rules?: readonly object[] | undefined;
  guard?: readonly object[] | undefined;
  api_keys?: readonly object[] | undefined;
  api?: object | undefined;
}

export type BaseSource = 'file' | 'environment';
export type EntryOrigin = BaseSource | 'console' | 'extra';
export type EntryKind = 'tenants' | 'channels' | 'models';

/** An entry that had to be left out, and why. */
export interface LeftOut {
  origin: EntryOrigin;
  path: string;
  message: string;
}

export type Layered =
  | { ok: true; config: Config; originOf: OriginOf; leftOut: LeftOut[] }
  | { ok: false; issues: PathIssue[] };

/** Where an entry comes from; undefined: there is none. */
export type OriginOf = (kind: EntryKind, id: string) => EntryOrigin | undefined;

export interface Layers {
  base: Config;
  source: BaseSource;
  console?: ConfigLayer | undefined;
  /** What only this process adds for a while: the sandbox. */
  extra?: ConfigLayer | undefined;
}

const LISTS = ['tenants', 'channels', 'models', 'rules', 'guard', 'api_keys'] as const;
type List = (typeof LISTS)[number];

interface Entry {
  origin: EntryOrigin;
  /** Place in its own layer. */
  index: number;
  value: object;
  /** The quick start's entry that it stands in for. */
  replaced?: Entry;
}

/**
 * One configuration out of all layers. The file wins over the console, entry by entry; a tenant that only the quick
 * start's variables made gives way to the console's. With `strict` every mistake is an issue, told by its path in the
 * console's document; otherwise an entry that no longer fits (the file took its tenant away, say) is left out, because
 * the rest has to go on.
 */
export function layConfig({ base, source, console: layer, extra }: Layers, strict = false): Layered {
  const lists = new Map<List, Entry[]>(LISTS.map((list) => [list, entriesOf(base, list, source)]));
  const leftOut: LeftOut[] = [];
  const issues: PathIssue[] = [];
  const refuse = (list: List, { origin, index }: Entry, message: string, path: PathIssue['path'] = []) => {
    issues.push({ path: [list, index, ...path], message });
    leftOut.push({ origin, path: formatPath([list, index, ...path]), message });
  };
  for (const [origin, from] of [['console', layer] as const, ['extra', extra] as const]) {
    for (const list of LISTS) {
      const into = lists.get(list) ?? [];
      for (const entry of entriesOf(from ?? {}, list, origin)) {
        const problem = add(into, entry, list);
        if (problem) refuse(list, entry, problem, ['id']);
      }
    }
  }
  const ownApi = isDeepStrictEqual(base.api, apiSchema.parse({}));
  const api = layer?.api && ownApi ? layer.api : base.api;
  // Every round takes at least one entry of a layer out, or ends.
  for (;;) {
    const data = {
      version: 1,
      api,
      ...Object.fromEntries([...lists].map(([list, entries]) => [list, entries.map(({ value }) => value)])),
    };
    const result = validateConfig(data);
    if (result.ok) {
      if (strict && issues.length > 0) return { ok: false, issues };
      return { ok: true, config: result.config, originOf: originsOf(lists), leftOut };
    }
    const culprits = culpritsOf(result.issues, lists);
    if (strict || culprits.length === 0) {
      return { ok: false, issues: [...issues, ...result.issues.map((issue) => placed(issue, lists))] };
    }
    for (const { list, entry, message, path } of culprits) {
      const entries = lists.get(list) ?? [];
      const at = entries.indexOf(entry);
      if (at < 0) continue;
      entries.splice(at, 1, ...(entry.replaced ? [entry.replaced] : []));
      refuse(list, entry, message, path);
    }
  }
}

function entriesOf(layer: ConfigLayer | Config, list: List, origin: EntryOrigin): Entry[] {
  return (layer[list] ?? []).map((value, index) => ({ origin, index, value }));
}

const idOf = ({ value }: Entry): unknown => Reflect.get(value, 'id');

/** Puts an entry of a layer in; returns why it cannot be. */
function add(into: Entry[], entry: Entry, list: List): string | undefined {
  if (list === 'rules') {
    into.push(entry);
    return undefined;
  }
  const sameOne = (other: Entry) =>
    list === 'guard'
      ? Reflect.get(other.value, 'tenant') === Reflect.get(entry.value, 'tenant')
      : idOf(other) === idOf(entry);
  const at = into.findIndex((other) => other.origin !== entry.origin && sameOne(other));
  const there = into[at];
  if (!there) {
    into.push(entry);
    return undefined;
  }
  if (list === 'tenants' && there.origin === 'environment') {
    into[at] = { ...entry, replaced: there };
    return undefined;
  }
  return `'${String(idOf(entry) ?? Reflect.get(entry.value, 'tenant'))}' is set by the ${there.origin === 'file' ? 'configuration file' : 'environment'} already`;
}

interface Culprit {
  list: List;
  entry: Entry;
  message: string;
  path: PathIssue['path'];
}

function culpritsOf(issues: readonly PathIssue[], lists: ReadonlyMap<List, Entry[]>): Culprit[] {
  return issues.flatMap(({ path: [list, index, ...path], message }) => {
    const entry = lists.get(list as List)?.[Number(index)];
    const isLayered = entry && (entry.origin === 'console' || entry.origin === 'extra');
    return isLayered ? [{ list: list as List, entry, message, path }] : [];
  });
}

/** An issue as the writer of the layer knows the place: by the position in the own document. */
function placed({ path, message }: PathIssue, lists: ReadonlyMap<List, Entry[]>): PathIssue {
  const [list, index, ...rest] = path;
  const entry = lists.get(list as List)?.[Number(index)];
  if (!entry) return { path, message };
  if (entry.origin === 'console') return { path: [String(list), entry.index, ...rest], message };
  return { path: [], message: `${entry.origin}: ${formatPath([String(list), entry.index, ...rest])}: ${message}` };
}

function originsOf(lists: ReadonlyMap<List, Entry[]>): OriginOf {
  const origins = new Map<string, EntryOrigin>();
  for (const kind of ['tenants', 'channels', 'models'] as const) {
    for (const entry of lists.get(kind) ?? []) origins.set(`${kind} ${String(idOf(entry))}`, entry.origin);
  }
  return (kind, id) => origins.get(`${kind} ${id}`);
}
