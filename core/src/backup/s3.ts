import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { ParleyError } from '../errors/index.ts';
import { type BackupPlace, MAX_FILE_BYTES } from './place.ts';

/** Loaded with the first backup: no start should wait for it. */
const sdk = () => import('@aws-sdk/client-s3');

const CONNECT_MS = 5_000;
const REQUEST_MS = 60_000;

/**
 * Backups in a bucket of S3, or of anything that speaks its protocol. Credentials, region and endpoint come from where
 * the official client looks for them, unless `options` has them.
 *
 * @param prefix without slashes at its ends; may be empty
 */
export function s3Place(bucket: string, prefix: string, options: S3ClientConfig = {}): BackupPlace {
  let made: S3Client | undefined;
  const client = async (): Promise<S3Client> => {
    const { S3Client } = await sdk();
    made ??= new S3Client({
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS, throwOnRequestTimeout: true },
      // Every part is authenticated by itself, and not every store knows the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...options,
    });
    return made;
  };
  const top = prefix === '' ? '' : `${prefix}/`;
  const keyOf = (folder: string, file: string) => `${top}${folder}/${file}`;
  const name = `s3://${bucket}/${prefix}`;

  async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      // Its name only: messages of stores quote what they were sent.
      const reason = error instanceof Error ? error.name : 'unknown reason';
      throw new ParleyError('unavailable', `Backups in ${name}: ${what} failed (${reason})`, { cause: error });
    }
  }

  async function* pages(below: string, delimiter?: string) {
    const { ListObjectsV2Command } = await sdk();
    for (let token: string | undefined; ; ) {
      const page = await (await client()).send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: below, Delimiter: delimiter, ContinuationToken: token }),
      );
      yield page;
      token = page.NextContinuationToken;
      if (!page.IsTruncated || !token) return;
    }
  }

  const listing = (below: string) =>
    guarded('listing', async () => {
      const names: string[] = [];
      for await (const { Contents = [] } of pages(below)) {
        names.push(...Contents.flatMap(({ Key }) => Key?.slice(below.length) ?? []));
      }
      return names;
    });

  return {
    name,
    folders: () =>
      guarded('listing', async () => {
        const names: string[] = [];
        for await (const { CommonPrefixes = [] } of pages(top, '/')) {
          names.push(...CommonPrefixes.flatMap(({ Prefix }) => Prefix?.slice(top.length, -1) ?? []));
        }
        return names;
      }),
    files: (folder) => listing(`${top}${folder}/`),
    read: (folder, file) =>
      guarded('reading', async () => {
        const { GetObjectCommand, NoSuchKey } = await sdk();
        try {
          const { Body, ContentLength = 0 } = await (await client()).send(
            new GetObjectCommand({ Bucket: bucket, Key: keyOf(folder, file) }),
          );
          if (ContentLength > MAX_FILE_BYTES) {
            throw new ParleyError('invalid_request', `${name}: ${file} is too large for a part of a backup`);
          }
          return Body && Buffer.from(await Body.transformToByteArray());
        } catch (error) {
          if (error instanceof NoSuchKey) return undefined;
          throw error;
        }
      }),
    write: (folder, file, bytes) =>
      guarded('writing', async () => {
        const { PutObjectCommand } = await sdk();
        await (await client()).send(
          new PutObjectCommand({ Bucket: bucket, Key: keyOf(folder, file), Body: bytes, ContentLength: bytes.length }),
        );
      }),
    remove: (folder, files) =>
      guarded('removing', async () => {
        const { DeleteObjectCommand } = await sdk();
        for (const file of files) {
          await (await client()).send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(folder, file) }));
        }
      }),
    close: () => made?.destroy(),
  };
}
