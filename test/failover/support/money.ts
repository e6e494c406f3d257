import { openStore, tables } from '@parley/core/store';
import { until } from '../../support/index.ts';

/** Turns of a model that are not in the ledger, once each under the turn's id; rows that stand for no turn. */
export async function moneyFaults(databaseUrl: string): Promise<string[]> {
  const store = await openStore({ databaseUrl });
  const read = async () => {
    const turns = await store.db.select().from(tables.turns);
    const ledger = await store.db.select().from(tables.ledger);
    const asked = new Set(turns.flatMap(({ id, model }) => (model ? [id] : [])));
    const paid = new Set(ledger.map(({ requestId }) => requestId));
    return [
      ...[...asked].filter((id) => !paid.has(id)).map((id) => `turn ${id} is not in the ledger`),
      ...[...paid].filter((id) => !asked.has(id)).map((id) => `ledger row ${id} has no turn`),
    ];
  };
  try {
    // Written behind the answers, so it gets a while.
    await until('the ledger', async () => (await read()).length === 0).catch(() => undefined);
    return await read();
  } finally {
    await store.close();
  }
}
