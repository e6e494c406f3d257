import type { BackupState } from '@parley/core/store';
import type { RouteContext } from '../../http/route.ts';
import type { Attention } from '../types.ts';

const HOUR_MS = 3_600_000;

/** That nobody saves the database, where somebody should: for those who see to the hub. */
export function backupToMake({ lastAt, maxAgeMs }: BackupState, may: RouteContext['may'], now: number): Attention[] {
  if (maxAgeMs === undefined || !may('*', 'settings:read')) return [];
  const about = { kind: 'backup', tenant: null, link: null } as const;
  if (lastAt === undefined) {
    const message = { en: 'No backup has been made yet', zh: '尚未做过备份' };
    return [{ ...about, severity: 'warning', subject: '', message }];
  }
  const ageMs = now - lastAt;
  if (ageMs <= maxAgeMs) return [];
  const hours = Math.floor(ageMs / HOUR_MS);
  const message = { en: `The last backup is ${hours} hours old`, zh: `最近一次备份是 ${hours} 小时前` };
  // Missed a few times in a row it is no accident.
  return [{ ...about, severity: ageMs > 3 * maxAgeMs ? 'error' : 'warning', subject: String(hours), message }];
}
