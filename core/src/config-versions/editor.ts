import { isDeepStrictEqual } from 'node:util';
import { type BaseSource, type Config, type ConfigLayer, formatPath, layConfig } from '../config/index.ts';
import { type FieldIssue, ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { type Difference, differences } from './difference.ts';
import { showSecrets, takeKept } from './secrets.ts';
import type { ConfigVersions, Expected } from './versions.ts';

export interface EditorOptions {
  versions: ConfigVersions;
  sealer: Sealer;
  /** What file or environment say at this moment. */
  base: () => { config: Config; source: BaseSource };
  /** The document that is in force in this process: what its callers have seen. It may be a moment behind. */
  inForce: () => ConfigLayer;
  /** Brings the active version into force in this process, and tells the others. */
  announce: (version: number, document: ConfigLayer) => Promise<void>;
  /** Further mistakes of a valid configuration: addresses that are not allowed. */
  furtherChecks?: (config: Config, document: ConfigLayer) => Promise<FieldIssue[]>;
}

export interface Edited {
  version: number;
  /** What changed, secrets as fingerprints. */
  changes: Difference[];
}

/** Changes the console's part of the configuration: each change a version, validated as a whole before it is in force. */
export interface ConfigEditor {
  /** The active version's document, secrets in the clear. */
  read(): Promise<{ version: Expected; document: ConfigLayer }>;
  /** For people: secrets as `kept:…`. */
  show(document: ConfigLayer): ConfigLayer;
  /** The stored secrets in place of `kept:…`. @throws ParleyError `invalid_request` that names every place */
  complete(document: ConfigLayer): Promise<ConfigLayer>;
  /**
   * @param part what the change replaces, out of a document: it has to be as it is in force here when this is called, so
   *   that of two who change the same at once one is told. What others change elsewhere meanwhile stays.
   * @throws ParleyError `invalid_request` that names every field; `precondition_failed` when the part is another by now,
   *   or others keep changing the rest
   */
  edit(author: string, comment: string, change: Change, part?: (document: ConfigLayer) => unknown): Promise<Edited>;
  /** Every mistake of a document, by its path. */
  check(document: ConfigLayer): Promise<FieldIssue[]>;
  draft(author: string, comment: string, document: ConfigLayer): Promise<number>;
  /** Validated again: the file may have changed since. */
  activate(version: number, expected: Expected): Promise<Edited>;
}

type Change = (document: ConfigLayer) => ConfigLayer;

const TRIES = 3;

export function createConfigEditor(options: EditorOptions): ConfigEditor {
  const { versions, sealer, base, inForce, announce, furtherChecks } = options;

  async function read() {
    const active = await versions.active();
    return { version: active?.version ?? null, document: active?.document ?? {} };
  }

  async function check(document: ConfigLayer): Promise<FieldIssue[]> {
    const { config, source } = base();
    const result = layConfig({ base: config, source, console: document }, true);
    if (!result.ok) return result.issues.map(({ path, message }) => ({ path: formatPath(path), message }));
    return (await furtherChecks?.(result.config, document)) ?? [];
  }

  async function assertValid(document: ConfigLayer): Promise<void> {
    const fields = await check(document);
    if (fields.length === 0) return;
    const told = fields.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
    throw new ParleyError('invalid_request', told.slice(0, 4000), { fields: fields.slice(0, 100) });
  }

  const changesOf = (before: ConfigLayer, after: ConfigLayer) =>
    differences(showSecrets(before, sealer), showSecrets(after, sealer));

  async function tryEdit(author: string, comment: string, change: Change, isSeen: (now: ConfigLayer) => boolean) {
    const { version: expected, document: before } = await read();
    if (!isSeen(before)) {
      throw new ParleyError('precondition_failed', 'Somebody changed this meanwhile: read it again, then change it');
    }
    const document = takeKept(change(before), before, sealer);
    await assertValid(document);
    const version = await versions.write({ document, author, comment, activate: true, expected });
    await announce(version, document);
    return { version, changes: changesOf(before, document) };
  }

  return {
    read,
    show: (document) => showSecrets(document, sealer),
    complete: async (document) => takeKept(document, (await read()).document, sealer),
    async edit(author, comment, change, part) {
      const seen = part && plain(part(inForce()));
      const isSeen = (now: ConfigLayer) => part === undefined || isDeepStrictEqual(plain(part(now)), seen);
      for (let attempt = 1; ; attempt++) {
        try {
          return await tryEdit(author, comment, change, isSeen);
        } catch (error) {
          const raced = error instanceof ParleyError && error.code === 'precondition_failed';
          if (!raced || attempt >= TRIES) throw error;
        }
      }
    },
    async check(document) {
      const { document: known } = await read();
      return check(takeKept(document, known, sealer));
    },
    async draft(author, comment, document) {
      const { version: expected, document: known } = await read();
      const whole = takeKept(document, known, sealer);
      await assertValid(whole);
      return versions.write({ document: whole, author, comment, activate: false, expected });
    },
    async activate(version, expected) {
      const wanted = await versions.get(version);
      if (!wanted) throw new ParleyError('not_found', `there is no version ${version}`);
      await assertValid(wanted.document);
      const { document: before } = await read();
      await versions.activate(version, expected);
      await announce(version, wanted.document);
      return { version, changes: changesOf(before, wanted.document) };
    },
  };
}

/** As it comes out of the database: without what is undefined. */
const plain = (part: unknown): unknown => JSON.parse(JSON.stringify(part ?? null));
