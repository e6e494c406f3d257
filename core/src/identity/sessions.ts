import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { and, desc, eq, inArray } from 'drizzle-orm';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { userSessions } from '../store/schema.ts';
import { createFresh } from './fresh.ts';
import type { Caller, Session, SignInMethod } from './types.ts';

/** A session ends this long after it was last used, and this long after it began in any case. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_MAX_MS = 7 * 24 * 3_600_000;
/** One more sign-in ends the session that was used longest ago. */
export const MAX_SESSIONS = 20;

const TOUCH_EVERY_MS = 60_000;
const MAX_USER_AGENT = 200;

/** Signed-in browsers. What the cookie holds exists nowhere else: only a hash of it is stored. */
export interface Sessions {
  /** Begins one with a new id, in the transaction of the sign-in. */
  begin(tx: Db, user: string, method: SignInMethod, caller: Caller): Promise<{ cookie: string; session: Session }>;
  /** The session a cookie opens; undefined when there is none (any more). At most five seconds behind a revocation. */
  find(cookie: string): Promise<Session | undefined>;
  /** Those that have not ended, the last used first. */
  list(user: string): Promise<Session[]>;
  /** Whether there was such a session of this user. */
  end(user: string, publicId: string): Promise<boolean>;
  endByCookie(cookie: string): Promise<void>;
  endAll(user: string): Promise<number>;
  /** Forgets what was read. */
  forget(): void;
}

type SessionRow = typeof userSessions.$inferSelect;

export function createSessions({ db }: Store, now: () => number): Sessions {
  const fresh = createFresh<{ row?: SessionRow | undefined }>(now);

  async function lookUp(idHash: string): Promise<{ row?: SessionRow | undefined }> {
    const [row] = await guarded('looking up a session', () =>
      db.select().from(userSessions).where(eq(userSessions.idHash, idHash)).limit(1),
    );
    return { row };
  }

  async function touch(row: SessionRow): Promise<void> {
    if (now() - row.lastSeenAt.getTime() < TOUCH_EVERY_MS) return;
    // First in memory: of many requests at once one writes.
    row.lastSeenAt = new Date(now());
    const { idHash, lastSeenAt } = row;
    await guarded('noting the use of a session', async () => {
      await db.update(userSessions).set({ lastSeenAt }).where(eq(userSessions.idHash, idHash));
    });
  }

  async function deleteWhere(where: ReturnType<typeof and>): Promise<number> {
    const gone = await guarded('ending sessions', () =>
      db.delete(userSessions).where(where).returning({ id: userSessions.publicId }),
    );
    fresh.clear();
    return gone.length;
  }

  return {
    async begin(tx, user, method, { ip, userAgent }) {
      const cookie = randomBytes(32).toString('base64url');
      const at = new Date(now());
      const row = {
        idHash: hashOf(cookie),
        publicId: randomUUID(),
        user,
        method,
        createdAt: at,
        lastSeenAt: at,
        expiresAt: new Date(now() + SESSION_MAX_MS),
        ip: ip.slice(0, 64),
        userAgent: printable(userAgent).slice(0, MAX_USER_AGENT),
      };
      await makeRoom(tx, user, now());
      await tx.insert(userSessions).values(row);
      return { cookie, session: toSession(row) };
    },

    async find(cookie) {
      if (!isSessionCookie(cookie)) return undefined;
      const idHash = hashOf(cookie);
      const { row } = await fresh.get(idHash, () => lookUp(idHash));
      if (!row || isOver(row, now())) return undefined;
      await touch(row);
      return toSession(row);
    },

    list: (user) =>
      guarded('listing sessions', async () => {
        const rows = await db
          .select()
          .from(userSessions)
          .where(eq(userSessions.user, user))
          .orderBy(desc(userSessions.lastSeenAt));
        return rows.filter((row) => !isOver(row, now())).map(toSession);
      }),

    end: async (user, publicId) =>
      (await deleteWhere(and(eq(userSessions.user, user), eq(userSessions.publicId, publicId)))) > 0,
    endByCookie: async (cookie) => void (await deleteWhere(eq(userSessions.idHash, hashOf(cookie)))),
    endAll: (user) => deleteWhere(eq(userSessions.user, user)),
    forget: () => fresh.clear(),
  };
}

/** Deletes what has ended, and the ones used longest ago until there is room for one more. */
async function makeRoom(tx: Db, user: string, now: number): Promise<void> {
  const rows = await tx
    .select()
    .from(userSessions)
    .where(eq(userSessions.user, user))
    .orderBy(desc(userSessions.lastSeenAt));
  const alive = rows.filter((row) => !isOver(row, now));
  const kept = new Set(alive.slice(0, MAX_SESSIONS - 1).map(({ idHash }) => idHash));
  const gone = rows.map(({ idHash }) => idHash).filter((idHash) => !kept.has(idHash));
  if (gone.length > 0) await tx.delete(userSessions).where(inArray(userSessions.idHash, gone));
}

const isSessionCookie = (cookie: string) => /^[\w-]{43}$/.test(cookie);
/** 256 bits of chance need no slow hash. */
const hashOf = (cookie: string) => createHash('sha256').update(`parley session\0${cookie}`).digest('hex');
const endOf = ({ lastSeenAt, expiresAt }: SessionRow) =>
  Math.min(lastSeenAt.getTime() + SESSION_IDLE_MS, expiresAt.getTime());
const isOver = (row: SessionRow, now: number) => endOf(row) <= now;
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');

function toSession(row: SessionRow): Session {
  const { idHash: _, ...session } = row;
  return { ...session, expiresAt: new Date(endOf(row)) };
}
