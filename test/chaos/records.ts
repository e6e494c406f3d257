import { openStore, tables } from '@parley/core/store';
import { readMessages, until } from '../support/index.ts';
import type { Ledger } from './ledger.ts';
import { askedIn } from './questions.ts';

/**
 * Compares the database with what was asked: every answered question has exactly one turn and the turn succeeded. The
 * archive is written behind the answers, so it gets a while to catch up.
 */
export async function recordFaults(databaseUrl: string, masterKey: string, ledger: Ledger): Promise<string[]> {
  const store = await openStore({ databaseUrl });
  const read = async () => {
    const rows = await store.db.select().from(tables.turns);
    const messages = await readMessages(store, masterKey);
    return { rows, messages };
  };
  const answered = [...ledger.questions.values()].filter(({ completeAt }) => completeAt !== undefined);
  try {
    await until('the archive', async () => (await read()).rows.length >= answered.length).catch(() => undefined);
    const { rows, messages } = await read();
    const turnsOf = new Map<string, Set<string>>();
    for (const { turn, content } of messages) {
      const marker = askedIn(content);
      if (marker) turnsOf.set(marker, (turnsOf.get(marker) ?? new Set()).add(turn));
    }
    const twice = answered.filter(({ marker }) => turnsOf.get(marker)?.size !== 1);
    const failed = rows.filter(({ status }) => status !== 'success');
    return [
      ...twice.map(({ marker }) => `${marker} has ${turnsOf.get(marker)?.size ?? 0} turns in the database`),
      ...failed.map(({ id, status, errorCode }) => `turn ${id} is ${status}: ${errorCode}`),
    ];
  } finally {
    await store.close();
  }
}
