import type { Environment } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import { folderPlace } from './folder.ts';
import type { BackupPlace } from './place.ts';
import { s3Place } from './s3.ts';

/**
 * Where backups go: `s3://BUCKET/PREFIX`, else a folder.
 *
 * @param env its `AWS_…` variables say where S3 is and who we are, as for every program that uses the official client
 * @throws ParleyError `invalid_config`
 */
export function openBackupPlace(where: string, env: Environment): BackupPlace {
  if (!where.includes('://')) return folderPlace(where);
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(where) ?? [];
  if (!bucket) throw new ParleyError('invalid_config', 'A place for backups is a folder, or s3://BUCKET/PREFIX');
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  return s3Place(bucket, prefix.replace(/^\/+|\/+$/g, ''), {
    // Stores other than Amazon's rarely have a host name for each bucket, and call no region.
    ...(endpoint && { endpoint, forcePathStyle: true, region: region ?? 'us-east-1' }),
    ...(region && { region }),
  });
}
