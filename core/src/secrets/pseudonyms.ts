import { LRUCache } from 'lru-cache';
import type { Sealer } from './sealer.ts';

/** People who wrote lately: each message needs its asker's name several times. */
const KEPT = 20_000;

/** A stable name for a person or chat of a tenant's platform that is not its id; without the master key nobody finds back. */
export type Pseudonyms = (tenant: string, platform: string, id: string) => string;

export function createPseudonyms(sealer: Pick<Sealer, 'digest'>): Pseudonyms {
  const known = new LRUCache<string, string>({ max: KEPT });
  return (tenant, platform, id) => {
    const name = `${tenant}\0${platform}\0${id}`;
    let pseudonym = known.get(name);
    if (pseudonym === undefined) {
      pseudonym = `u_${sealer.digest(id, `user/${tenant}/${platform}`).slice(0, 16)}`;
      known.set(name, pseudonym);
    }
    return pseudonym;
  };
}
