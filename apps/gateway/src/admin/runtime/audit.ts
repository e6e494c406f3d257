import { Readable } from 'node:stream';
import { type AuditListRow, type AuditPlace, listAudit } from '@parley/core/store';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import { moment, name, placeInTime, tenantIn, tenantsOf } from './shared.ts';
import type { RuntimeParts } from './types.ts';

/** The chain of what concerns the hub and no tenant. */
const HUB = '*';

const record = z.object({
  seq: z.number(),
  tenant: z.string().describe('`*`: the hub'),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.unknown().describe('Null when it was erased, or there was none'),
});
const place = z.object({ at: placeInTime, tenant: z.string(), seq: z.number().int() });
const fault = z.object({ tenant: z.string(), seq: z.number(), fault: z.string() });

export function auditRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, audit } = deps;

  function chainsOf(context: Pick<RouteContext, 'may'>, named: string | undefined): string[] {
    const tenants = tenantsOf(deps, context, named);
    return named === undefined && context.may(HUB) ? [HUB, ...tenants] : tenants;
  }

  return [
    route({
      method: 'GET',
      path: '/audit',
      action: 'audit:read',
      scope: 'any',
      tag: 'Audit',
      summary: 'Who did what, newest first',
      query: z.object({
        ...pageQuery,
        tenant: name.optional(),
        actor: name.optional(),
        action: name.optional().describe('With a `*` at its end: all that begin so'),
        target: z.string().max(500).optional().describe('With a `*` at its end: all that begin so'),
        from: moment.optional(),
        to: moment.optional(),
      }),
      response: pageOf(record),
      handle: async (input) => {
        const { limit, cursor, tenant, ...filters } = input.query;
        const page = { limit: limit + 1, after: decodeCursor(cursor, place) };
        const rows = await listAudit(store, chainsOf(input, tenant), filters, page);
        return toPage(rows, limit, placeOf, ({ at, ...row }) => ({ ...row, at: at.toISOString() }));
      },
    }),
    route({
      method: 'POST',
      path: '/audit/verify',
      action: 'audit:read',
      scope: 'any',
      tenantOf: ({ body }) => tenantIn(body),
      tag: 'Audit',
      summary: 'Check that no record was changed, put in or taken out',
      status: 200,
      // It changes nothing.
      quiet: true,
      body: z.strictObject({ tenant: name.optional() }).optional(),
      response: z.object({ records: z.number(), faults: z.array(fault) }),
      handle: async (input) => {
        const results = [];
        for (const chain of chainsOf(input, input.body?.tenant)) results.push(await audit.verify(chain));
        return {
          records: results.reduce((sum, { records }) => sum + records, 0),
          faults: results.flatMap(({ faults }) => faults),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/export',
      action: 'audit:read',
      tag: 'Audit',
      summary: 'All records of a tenant, oldest first, as JSON Lines',
      query: z.object({ tenant: name }),
      produces: 'application/x-ndjson',
      handle: async ({ query: { tenant }, reply }) => {
        reply
          .type('application/x-ndjson; charset=utf-8')
          .header('content-disposition', 'attachment; filename="audit.jsonl"');
        return Readable.from(linesOf(audit.exportLines(tenant)));
      },
    }),
    route({
      method: 'POST',
      path: '/audit/erase-user',
      action: 'audit:write',
      tenantOf: ({ body }) => tenantIn(body),
      tag: 'Audit',
      summary: 'Erase what one person said and was told; the chain holds',
      status: 200,
      // The erasure writes its own record.
      quiet: true,
      body: z.strictObject({ tenant: name, user: name.describe('A pseudonym') }),
      response: z.object({ messages: z.number(), records: z.number() }),
      handle: ({ body: { tenant, user }, actor }) => audit.eraseUser(tenant, user, actor.username),
    }),
  ];
}

const placeOf = ({ at, tenant, seq }: AuditListRow): AuditPlace => ({ at: at.getTime(), tenant, seq });

async function* linesOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
