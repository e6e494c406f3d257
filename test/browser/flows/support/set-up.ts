import { expect } from 'vitest';
import { type ConsoleUser, signIn } from '../../../admin/helpers/console.ts';
import type { ConfigOver } from '../../../support/world.ts';
import type { Desk } from './desk.ts';

/**
 * Brings the world's configuration (tenant `acme`, a bot on each platform) into force as a version of the console's own,
 * so that the console may change all of it.
 */
export async function setUp({ hub, world }: Desk, over: ConfigOver = {}): Promise<ConsoleUser> {
  const admin = await signIn(hub.url);
  const document = world.config(over);
  const draft = await admin.send('POST', '/config/versions', { document, comment: 'set up' });
  expect(draft.status, draft.text).toBe(201);
  const now = await admin.get('/config');
  const headers = { 'if-match': now.headers.get('etag') ?? '' };
  const path = `/config/versions/${draft.body.version}/activate`;
  const activated = await admin.send('POST', path, undefined, headers);
  expect(activated.status, activated.text).toBe(200);
  return admin;
}
