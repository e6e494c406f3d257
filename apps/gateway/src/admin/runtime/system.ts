import { SCHEMA_VERSION, schemaVersion } from '@parley/core/store';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import type { RuntimeParts } from './types.ts';

const LIMIT_MS = 2_000;

const system = z.object({
  version: z.string(),
  node: z.string(),
  role: z.string(),
  schema_version: z.number(),
  redis: z.object({ ok: z.boolean(), latency_ms: z.number().nullable(), memory_bytes: z.number().nullable() }),
  postgres: z.object({ ok: z.boolean(), latency_ms: z.number().nullable() }),
  uptime_seconds: z.number(),
});

export function systemRoutes(deps: RuntimeParts): AdminRoute[] {
  const { about, redis, store, now = Date.now } = deps;

  /** Of a cluster: of one of its nodes. */
  async function memoryOf(): Promise<number | null> {
    const [, bytes] = /^used_memory:(\d+)/m.exec(await redis.info('memory')) ?? [];
    return bytes === undefined ? null : Number(bytes);
  }

  return [
    route({
      method: 'GET',
      path: '/system',
      action: 'system:read',
      tag: 'System',
      summary: 'What this process is, and how what it stands on does',
      response: system,
      handle: async () => {
        const [redisMs, postgresMs, memory, schema] = await Promise.all([
          timeOf(() => redis.ping()),
          timeOf(() => store.ping()),
          inTime(memoryOf()).catch(() => null),
          inTime(schemaVersion(store)).catch(() => SCHEMA_VERSION),
        ]);
        return {
          version: about.version,
          node: process.version,
          role: about.role,
          schema_version: schema,
          redis: { ok: redisMs !== null, latency_ms: redisMs, memory_bytes: memory },
          postgres: { ok: postgresMs !== null, latency_ms: postgresMs },
          uptime_seconds: Math.floor((now() - about.startedAt) / 1000),
        };
      },
    }),
  ];
}

/** How long it takes, in milliseconds; null when it fails or takes too long. */
async function timeOf(work: () => Promise<unknown>): Promise<number | null> {
  const begun = performance.now();
  try {
    await inTime(work());
    return Math.round((performance.now() - begun) * 100) / 100;
  } catch {
    return null;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), LIMIT_MS);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
