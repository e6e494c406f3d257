import { createSealer, parseMasterKey } from '@parley/core/secrets';
import { openContent, type Store, tables } from '@parley/core/store';

/** What is kept of conversations, readable; with how it really lies in the database. */
export async function readMessages(store: Store, masterKey: string) {
  const sealer = createSealer(parseMasterKey(masterKey, 'test'));
  const rows = await store.db.select().from(tables.messages);
  return rows.map(({ tenant, conversation, turn, content }) => ({
    turn,
    stored: content,
    content: openContent(sealer, tenant, conversation, content),
  }));
}
