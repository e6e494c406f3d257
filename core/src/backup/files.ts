import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import { ParleyError } from '../errors/index.ts';
import type { BackupKey } from './key.ts';
import type { StoredFile } from './manifest.ts';
import type { BackupPlace } from './place.ts';

/** A backup that is written or read: where, and with what. */
export interface Shelf {
  place: BackupPlace;
  key: BackupKey;
  /** The backup's id. */
  folder: string;
  salt: string;
}

/** What is in memory of a file at once, a few times over. */
export const PART_BYTES = 4 * 1024 * 1024;

const partName = (file: string, index: number) => `${file}.${String(index + 1).padStart(5, '0')}`;

/**
 * Writes lines into sealed parts, compressed. None of them may contain a line break.
 *
 * @param batches a few lines at a time
 */
export async function writeLines(
  { place, key, folder, salt }: Shelf,
  file: string,
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): Promise<StoredFile> {
  const parts: number[] = [];
  let lines = 0;
  async function* texts() {
    for await (const batch of batches) {
      lines += batch.length;
      if (batch.length > 0) yield `${batch.join('\n')}\n`;
    }
  }
  async function put(plain: Buffer, isLast: boolean): Promise<void> {
    const sealed = key.seal(plain, { salt, file, index: parts.length, isLast });
    await place.write(folder, partName(file, parts.length), sealed);
    parts.push(sealed.length);
  }
  await pipeline(Readable.from(texts()), createGzip(), async (compressed: AsyncIterable<Buffer>) => {
    let held: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of compressed) {
      // The last part says so: one is written only when there is more to come.
      if (bytes >= PART_BYTES) {
        await put(Buffer.concat(held), false);
        [held, bytes] = [[], 0];
      }
      held.push(chunk);
      bytes += chunk.length;
    }
    await put(Buffer.concat(held), true);
  });
  return { lines, parts };
}

/** How many lines are handed on at a time, and about how much text: one line more than that. */
const BATCH_LINES = 500;
const BATCH_CHARACTERS = 1_000_000;

/**
 * Reads what `writeLines` wrote, a few lines at a time; every part is authenticated before a byte of it is used.
 *
 * @throws ParleyError `invalid_request` that names the part which is missing, too short or altered
 */
export async function* readLines(shelf: Shelf, file: string, stored: StoredFile): AsyncGenerator<string[]> {
  const gunzip = createGunzip();
  // Whoever stops reading destroys the stream, which is no failure; every other one comes out of the loop below.
  void pipeline(Readable.from(openParts(shelf, file, stored)), gunzip).catch(() => undefined);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let batch: string[] = [];
  let characters = 0;
  let lines = 0;
  for await (const chunk of gunzip) {
    const pieces = `${rest}${decoder.write(chunk)}`.split('\n');
    rest = pieces.pop() ?? '';
    for (const line of pieces) {
      batch.push(line);
      characters += line.length;
      lines++;
      if (batch.length < BATCH_LINES && characters < BATCH_CHARACTERS) continue;
      yield batch;
      [batch, characters] = [[], 0];
    }
  }
  if (batch.length > 0) yield batch;
  if (lines !== stored.lines || rest !== '') {
    throw broken(shelf, file, `has ${lines} lines, and its manifest says ${stored.lines}`);
  }
}

async function* openParts(shelf: Shelf, file: string, { parts }: StoredFile): AsyncGenerator<Buffer> {
  const { place, key, folder, salt } = shelf;
  for (const [index, bytes] of parts.entries()) {
    const name = partName(file, index);
    const sealed = await place.read(folder, name);
    if (!sealed) throw broken(shelf, name, 'is missing');
    if (sealed.length !== bytes) throw broken(shelf, name, `has ${sealed.length} bytes instead of ${bytes}`);
    try {
      yield key.open(sealed, { salt, file, index, isLast: index === parts.length - 1 });
    } catch (error) {
      throw broken(shelf, name, error instanceof Error ? error.message : String(error));
    }
  }
}

const broken = ({ folder }: Shelf, name: string, what: string) =>
  new ParleyError('invalid_request', `Backup ${folder}: ${name} ${what}`);
