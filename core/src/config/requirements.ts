import { checkRegex } from '../rules/index.ts';
import type { Path, PathIssue } from './issues.ts';
import { field, listField, textField } from './loose.ts';

/** What an entry needs because of what else it says: credentials per transport, keys per provider, valid regexes. */
export function checkRequirements(data: unknown): PathIssue[] {
  return [
    ...listField(data, 'channels').flatMap((channel, index) => checkChannel(channel, ['channels', index])),
    ...listField(data, 'models').flatMap((model, index) => checkModel(model, ['models', index])),
    ...listField(data, 'tenants').flatMap((tenant, index) => checkBudget(tenant, ['tenants', index])),
    ...listField(data, 'rules').flatMap((rule, index) => checkRule(rule, ['rules', index])),
    ...checkRegexes(data),
  ];
}

/** Credentials without which a transport can prove nothing or connect to nothing; one name of each list is enough. */
const NEEDED: Record<string, string[]> = {
  'slack webhook': ['signing_secret'],
  'slack socket': ['app_token'],
  'telegram webhook': ['webhook_secret'],
  'feishu webhook': ['encrypt_key', 'verification_token'],
};

function checkChannel(channel: unknown, at: Path): PathIssue[] {
  const transport = field(channel, 'transport') ?? 'webhook';
  const needed = NEEDED[`${field(channel, 'platform')} ${transport}`];
  const credentials = field(channel, 'credentials');
  const first = needed?.[0];
  if (first === undefined || credentials === undefined) return [];
  if (needed?.some((name) => textField(credentials, name) !== undefined)) return [];
  const path = [...at, 'credentials', first];
  return [{ path, message: `transport ${transport} needs ${needed?.join(' or ')}` }];
}

const PROVIDERS_WITH_ENDPOINTS: readonly unknown[] = ['openai-compatible', 'azure-openai'];
const PROVIDERS_WITH_KEYS: readonly unknown[] = ['openai', 'anthropic', 'deepseek', 'glm'];

function checkModel(model: unknown, at: Path): PathIssue[] {
  const provider = field(model, 'provider');
  const issues: PathIssue[] = [];
  if (PROVIDERS_WITH_ENDPOINTS.includes(provider) && listField(model, 'endpoints').length === 0) {
    issues.push({ path: [...at, 'endpoints'], message: `provider ${provider} needs at least one endpoint` });
  }
  if (PROVIDERS_WITH_KEYS.includes(provider) && listField(model, 'keys').length === 0) {
    issues.push({ path: [...at, 'keys'], message: `provider ${provider} needs at least one key` });
  }
  return issues;
}

function checkBudget(tenant: unknown, at: Path): PathIssue[] {
  const budget = field(tenant, 'budget');
  if (field(budget, 'on_exceeded') !== 'downgrade' || field(budget, 'downgrade_to') !== undefined) return [];
  return [{ path: [...at, 'budget', 'downgrade_to'], message: 'on_exceeded: downgrade needs a model to go down to' }];
}

const RULE_ACTIONS = ['reply', 'model', 'ignore'];

function checkRule(rule: unknown, path: Path): PathIssue[] {
  const actions = RULE_ACTIONS.filter((name) => field(rule, name) !== undefined);
  return actions.length === 1 ? [] : [{ path, message: `needs exactly one of ${RULE_ACTIONS.join(', ')}` }];
}

function checkRegexes(data: unknown): PathIssue[] {
  const rules = listField(data, 'rules').map((rule, index) => ({
    path: ['rules', index, 'match', 'regex'],
    source: textField(field(rule, 'match'), 'regex'),
  }));
  const patterns = listField(data, 'guard').flatMap((guard, index) =>
    listField(guard, 'patterns').map((pattern, position) => ({
      path: ['guard', index, 'patterns', position, 'regex'],
      source: textField(pattern, 'regex'),
    })),
  );
  return [...rules, ...patterns].flatMap(({ path, source }) => {
    const problem = source === undefined ? undefined : checkRegex(source);
    return problem === undefined ? [] : [{ path, message: problem }];
  });
}
