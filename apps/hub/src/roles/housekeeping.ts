import { createAudit } from '@parley/core/audit';
import type { FinishedTurn } from '@parley/core/bus';
import type { Config } from '@parley/core/config';
import type { AdminNotices } from '@parley/core/notices';
import { fingerprintOf } from '@parley/core/provider';
import {
  noteModelKeys,
  pruneEnded,
  pruneRecords,
  pruneTranscripts,
  recordLedger,
  recordTurns,
} from '@parley/core/store';
import type { Asking } from './asking.ts';
import type { HubCore } from './core.ts';
import { toRecord } from './records.ts';

/** A key older than this is to be replaced. */
const KEY_AGE_DAYS = 90;

export interface HousekeepingOptions {
  core: HubCore;
  asking: Asking;
  notices: AdminNotices;
}

/** What one worker does for all beside sweeping: the database's side of turns and money, and what ages. */
export function createHousekeeping({ core, asking, notices }: HousekeepingOptions) {
  const { store, config, logger } = core;
  const audit = createAudit(store);
  /** With those that have been taken out of the configuration meanwhile: what they had asked is charged to the end. */
  const known = new Set<string>();
  const note = ({ tenants }: Config) => {
    for (const { id } of tenants) known.add(id);
  };
  note(config.current);
  core.onConfigChange(note);

  async function writeTurns(finished: FinishedTurn[]): Promise<void> {
    await recordTurns(
      store,
      finished.map((turn) => toRecord(turn, core.sealer)),
    );
  }

  async function keepLedger(): Promise<number> {
    const tenants = [...known];
    const reaped = await asking.quota.reap(tenants);
    return (
      reaped +
      (await asking.quota.drainLedger(tenants, async (rows) => {
        await recordLedger(store, rows);
      }))
    );
  }

  async function tidy(): Promise<void> {
    const { tenants } = config.current;
    const now = Date.now();
    const kept = tenants.map(({ id, transcripts }) => ({ tenant: id, days: transcripts.keep ? transcripts.days : 0 }));
    const transcripts = await pruneTranscripts(store, kept, now);
    const records = await pruneRecords(
      store,
      tenants.map(({ id, turns, ledger }) => ({ tenant: id, turns: turns.days, ledger: ledger.days })),
      now,
    );
    const ended = await pruneEnded(store, now);
    const audited = await pruneAudit(now);
    const gone = { transcripts, ...records, ended, audit: audited };
    if (Object.values(gone).some((count) => count > 0)) logger.info(gone, 'deleted what was to be kept no longer');
    await warnOfOldKeys();
  }

  /** Where the database lets this process only add records, the tables' owner does it: `parley audit prune`. */
  async function pruneAudit(now: number): Promise<number> {
    if (!(await audit.mayChange())) return 0;
    const { tenants } = config.current;
    return audit.prune(
      tenants.map(({ id, audit: { days } }) => ({ tenant: id, days })),
      now,
    );
  }

  async function warnOfOldKeys(): Promise<void> {
    const { models, tenants } = config.current;
    const keys = models.flatMap(({ id, keys }) => keys.map((key) => ({ model: id, fingerprint: fingerprintOf(key) })));
    for (const { model, fingerprint, days } of await noteModelKeys(store, keys, Date.now())) {
      if (days < KEY_AGE_DAYS) continue;
      const users = tenants.filter((tenant) => tenant.models.includes(model));
      for (const tenant of users) await notices.keyAge(tenant, { model, fingerprint, days });
    }
  }

  return { writeTurns, keepLedger, tidy };
}
