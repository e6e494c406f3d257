import { ParleyError } from '@parley/core/errors';
import { USAGE_GROUPS, type UsageGroup, type UsageRow, usageBy } from '@parley/core/store';
import { z } from 'zod';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import { toCsv } from './csv.ts';
import { moment, name, tenantsOf, usd } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const MAX_ROWS = 10_000;
const MAX_CSV_ROWS = 100_000;
const DAYS_DEFAULT = 30;
const DAY_MS = 86_400_000;

const sums = {
  requests: z.number(),
  tokens_in: z.number(),
  tokens_out: z.number(),
  cached_tokens: z.number().describe("Of those in: read from the provider's cache"),
  cost_usd: z.number(),
};
const groups = Object.fromEntries(USAGE_GROUPS.map((group) => [group, z.string().optional()])) as Record<
  UsageGroup,
  z.ZodOptional<z.ZodString>
>;

const query = z.object({
  tenant: name.optional(),
  from: moment.optional().describe('Default: 30 days before `to`'),
  to: moment.optional().describe('Default: now'),
  group_by: z
    .string()
    .default('day')
    .transform((text) => text.split(','))
    .pipe(
      z
        .array(z.enum(USAGE_GROUPS))
        .min(1)
        .max(2)
        .refine((names) => new Set(names).size === names.length, 'expected each only once'),
    )
    .describe('One or two of day, tenant, model, user, channel'),
});
type Query = z.output<typeof query>;

export function usageRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, config, now = Date.now } = deps;
  const shared = { method: 'GET', action: 'usage:read', scope: 'any', tag: 'Usage', query } as const;

  function rowsOf(asked: Query, context: Pick<RouteContext, 'may'>, maxRows: number): Promise<UsageRow[]> {
    const { tenant, to = new Date(now()), from = new Date(to.getTime() - DAYS_DEFAULT * DAY_MS) } = asked;
    if (from >= to) {
      const fields = [{ path: 'from', message: 'expected a time before `to`' }];
      throw new ParleyError('invalid_request', 'from: expected a time before `to`', { fields });
    }
    // Tenants may begin their days at different hours: together they are counted by UTC.
    const timezone = config().tenants.find(({ id }) => id === tenant)?.timezone ?? 'UTC';
    const tenants = tenantsOf(deps, context, tenant);
    return usageBy(store, { tenants, from, to, groups: asked.group_by, timezone, maxRows });
  }

  return [
    route({
      ...shared,
      path: '/usage',
      summary: 'What was used and what it cost, from the ledger',
      response: z.object({ rows: z.array(z.object({ ...groups, ...sums })), totals: z.object(sums) }),
      handle: async (input) => {
        const rows = await rowsOf(input.query, input, MAX_ROWS);
        return { rows: rows.map(show), totals: totalOf(rows) };
      },
    }),
    route({
      ...shared,
      path: '/usage.csv',
      summary: 'The same as a table for spreadsheets',
      produces: 'text/csv',
      handle: async (input) => {
        const rows = await rowsOf(input.query, input, MAX_CSV_ROWS);
        const names = input.query.group_by;
        input.reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="usage.csv"');
        const cells = rows.map((row) => [...names.map((group) => row[group] ?? ''), ...Object.values(sumsOf(row))]);
        return toCsv([...names, ...Object.keys(sums)], cells);
      },
    }),
  ];
}

function sumsOf({ requests, tokensIn, tokensOut, cachedTokens, costMicroUsd }: Omit<UsageRow, UsageGroup>) {
  return {
    requests,
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    cached_tokens: cachedTokens,
    cost_usd: usd(costMicroUsd),
  };
}

function show(row: UsageRow) {
  const { day, tenant, model, user, channel, ...rest } = row;
  return { day, tenant, model, user, channel, ...sumsOf(rest) };
}

function totalOf(rows: readonly UsageRow[]) {
  const add = (key: 'requests' | 'tokensIn' | 'tokensOut' | 'cachedTokens' | 'costMicroUsd') =>
    rows.reduce((sum, row) => sum + row[key], 0);
  return sumsOf({
    requests: add('requests'),
    tokensIn: add('tokensIn'),
    tokensOut: add('tokensOut'),
    cachedTokens: add('cachedTokens'),
    costMicroUsd: add('costMicroUsd'),
  });
}
