import { guardSchema, ruleSchema } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { checkGuardPattern, compileGuards, createVault } from '@parley/core/guard';
import { checkRegex, compileRules } from '@parley/core/rules';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import type { ConfigRoutesDeps } from './entries.ts';

const tag = 'Rules and guard';
const text = z.string().min(1).max(20_000);

/** Tries a text against rules, saved or not. */
export function ruleTest({ config }: ConfigRoutesDeps): AdminRoute {
  return route({
    method: 'POST',
    path: '/rules/test',
    action: 'rule:read',
    tag,
    summary: 'Which rule answers a text',
    body: z.strictObject({ tenant: z.string(), text, rules: z.array(describedBy(ruleSchema)).max(10_000).optional() }),
    tenantOf: ({ body }) => body?.tenant,
    response: z.object({
      matched: z
        .object({ index: z.number(), action: z.enum(['reply', 'model', 'ignore']), text: z.string().nullable() })
        .nullable(),
    }),
    quiet: true,
    handle({ body }) {
      const own = body.rules?.map((rule, index) =>
        parsed(ruleSchema, { ...rule, tenant: body.tenant }, `rules[${index}]`),
      );
      own?.forEach(({ match }, index) => {
        const wrong = 'regex' in match ? checkRegex(match.regex) : undefined;
        if (wrong) refuse(`rules[${index}].match.regex`, wrong);
      });
      const rules = own ?? config.current.rules.filter(({ tenant }) => tenant === body.tenant);
      const match = compileRules(rules).match(body.tenant, body.text);
      if (!match) return { matched: null };
      const { action, index } = match;
      const shown = action.kind === 'reply' ? action.text : action.kind === 'model' ? action.model : null;
      return { matched: { index, action: action.kind, text: shown } };
    },
  });
}

/** Shows what a guard, saved or not, makes of a text. Nothing of the text is kept. */
export function guardTest({ config }: ConfigRoutesDeps): AdminRoute {
  return route({
    method: 'POST',
    path: '/guard/test',
    action: 'guard:read',
    tag,
    summary: 'What is masked, refused or replaced in a text',
    body: z.strictObject({ tenant: z.string(), text, guard: describedBy(guardSchema).optional() }),
    tenantOf: ({ body }) => body?.tenant,
    response: z.object({
      masked: z.string(),
      found: z.array(z.object({ kind: z.string(), count: z.number() })),
      refused: z.object({ by: z.string() }).nullable(),
      injection: z.boolean(),
      replaced: z.number(),
    }),
    quiet: true,
    handle({ body }) {
      const own = body.guard && parsed(guardSchema, { ...body.guard, tenant: body.tenant }, 'guard');
      own?.patterns.forEach(({ regex }, index) => {
        const wrong = checkGuardPattern(regex);
        if (wrong) refuse(`guard.patterns[${index}].regex`, wrong);
      });
      const guards = own ? [own] : config.current.guard.filter(({ tenant }) => tenant === body.tenant);
      const finding = compileGuards(guards)(body.tenant).inspectInput(body.text, createVault());
      return {
        masked: finding.text,
        found: Object.entries(finding.counts).map(([kind, count]) => ({ kind, count })),
        refused: finding.verdict === 'refused' ? { by: finding.reason ?? 'keyword' } : null,
        injection: (finding.counts.injection ?? 0) > 0,
        replaced: finding.counts.replace_keyword ?? 0,
      };
    },
  });
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, at: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.map(({ path, message }) => ({ path: [at, ...path].join('.'), message }));
  throw new ParleyError('invalid_request', fields.map((one) => `${one.path}: ${one.message}`).join('; '), { fields });
}

function refuse(path: string, message: string): never {
  throw new ParleyError('invalid_request', `${path}: ${message}`, { fields: [{ path, message }] });
}
