import { type GuardConfig, guardSchema } from '../config/index.ts';
import { type DetectorName, detect } from './detectors.ts';
import { looksInjected } from './injection.ts';
import { compileKeywords, type Keywords } from './keywords.ts';
import { createOutputGuard } from './output.ts';
import { compilePattern, type Pattern } from './patterns.ts';
import { countSpans, replaceSpans, type Span, withoutOverlaps } from './spans.ts';
import type { InputFinding, MaskVault, TenantGuard } from './types.ts';

/**
 * The guards of all tenants, by tenant; one without a configuration only has injections noted. Several entries of one
 * tenant are one guard: it masks and forbids what any of them says.
 *
 * @throws ParleyError `invalid_config` for a pattern that RE2 does not take
 */
export function compileGuards(entries: readonly GuardConfig[]): (tenant: string) => TenantGuard {
  const byTenant = Map.groupBy(entries, ({ tenant }) => tenant);
  const guards = new Map([...byTenant].map(([tenant, own]) => [tenant, createGuard(own)]));
  const plain = createGuard([guardSchema.parse({ tenant: 'none' })]);
  return (tenant) => guards.get(tenant) ?? plain;
}

interface Compiled {
  mask: DetectorName[];
  patterns: Pattern[];
  blocked: Keywords;
  replaced: Keywords;
  injection: GuardConfig['injection'];
  dryRun: boolean;
}

const STRICTEST = ['refuse', 'flag', 'off'] as const;

function createGuard(entries: readonly GuardConfig[]): TenantGuard {
  const compiled: Compiled = {
    mask: [...new Set(entries.flatMap(({ mask }) => mask))],
    patterns: entries.flatMap(({ patterns }) => patterns.map(compilePattern)),
    blocked: compileKeywords(
      entries.flatMap((entry) => entry.block_keywords),
      'block_keyword',
    ),
    replaced: compileKeywords(
      entries.flatMap((entry) => entry.replace_keywords),
      'replace_keyword',
    ),
    injection: STRICTEST.find((mode) => entries.some((entry) => entry.injection === mode)) ?? 'flag',
    dryRun: entries.every((entry) => entry.dry_run),
  };
  const { mask, patterns, blocked, replaced, dryRun } = compiled;
  return {
    isIdle: mask.length === 0 && patterns.length === 0,
    dryRun,
    inspectInput: (text, vault) => inspect(text, vault, compiled),
    inspectMessage: (text, vault) => inspect(text, vault, { ...compiled, injection: 'off' }),
    openOutput: (vault) => createOutputGuard({ vault, blocked, replaced, dryRun }),
    openArguments: (vault) => createOutputGuard({ vault, blocked, replaced, dryRun, write: asJson }),
    maskForRest: (text, vault) => (dryRun ? text : maskPersonal(text, personalIn(text, compiled), vault)),
  };
}

function personalIn(text: string, { mask, patterns }: Compiled): Span[] {
  return withoutOverlaps([...detect(text, mask), ...patterns.flatMap((pattern) => pattern(text))]);
}

function maskPersonal(text: string, spans: readonly Span[], vault: MaskVault): string {
  return replaceSpans(text, spans, (found, { kind }) => vault.placeholderFor(kindName(kind), found));
}

/** A value inside of a JSON string. */
const asJson = (value: string): string => JSON.stringify(value).slice(1, -1);

/** A detector's or pattern's name as it stands in a placeholder. */
function kindName(kind: string): string {
  return kind.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}

function inspect(text: string, vault: MaskVault, compiled: Compiled): InputFinding {
  const { blocked, replaced, injection, dryRun } = compiled;
  const personal = personalIn(text, compiled);
  const words = [...blocked.find(text), ...replaced.find(text)];
  const injected = injection !== 'off' && looksInjected(text);
  const counts: Record<string, number> = {
    ...countSpans([...personal, ...words]),
    ...(injected ? { injection: 1 } : {}),
  };
  const finding = { counts, hasPersonalData: personal.length > 0 };
  if (dryRun) return { ...finding, verdict: 'pass', text };
  const spans = withoutOverlaps([...personal, ...words]);
  const safe = replaceSpans(text, spans, (found, { kind }) =>
    kind.endsWith('_keyword') ? '***' : vault.placeholderFor(kindName(kind), found),
  );
  if (counts.block_keyword) return { ...finding, verdict: 'refused', reason: 'keyword', text: safe };
  if (injected && injection === 'refuse') return { ...finding, verdict: 'refused', reason: 'injection', text: safe };
  return { ...finding, verdict: 'pass', text: safe };
}
