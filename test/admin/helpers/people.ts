import { expect } from 'vitest';
import type { Browser } from './browser.ts';
import { ADMIN_PASSWORD, type TestConsole } from './hub.ts';

export const PASSWORD = 'a password for tests';

export interface Role {
  tenant: string;
  role: string;
}

export interface Person {
  id: string;
  username: string;
  browser: Browser;
}

/** Administrators and those they add. */
export function createPeople(hub: TestConsole) {
  let admin: Browser | undefined;
  let number = 0;
  hub.secrets.add(PASSWORD);

  /** The first administrator, signed in. */
  async function administrator(): Promise<Browser> {
    if (admin && (await admin.get('/me')).status === 200) return admin;
    admin = hub.browser();
    expect((await admin.signIn('admin', ADMIN_PASSWORD)).status).toBe(200);
    return admin;
  }

  return {
    administrator,

    /** Somebody with roles who has chosen a password and signed in. */
    async newcomer(roles: Role[], url?: string): Promise<Person> {
      const username = `user-${++number}`;
      const created = await (await administrator()).post('/users', { username, roles });
      expect(created.status).toBe(201);
      const initial: string = created.body.initial_password;
      const browser = hub.browser(url);
      expect((await browser.signIn(username, initial)).status).toBe(200);
      const changed = await browser.send('PUT', '/me/password', { body: { current: initial, next: PASSWORD } });
      expect(changed.status).toBe(204);
      return { id: created.body.id, username, browser };
    },
  };
}
