import type { Path, PathIssue } from './issues.ts';
import { field, isRecord, listField, textField } from './loose.ts';
import { didYouMean } from './suggest.ts';

/** Ids that stand twice, and names of tenants and models that do not exist. */
export function checkReferences(data: unknown): PathIssue[] {
  const issues: PathIssue[] = [];
  const tenants = collectIds(data, 'tenants', issues);
  const models = collectIds(data, 'models', issues);
  const channels = collectIds(data, 'channels', issues);
  collectIds(data, 'api_keys', issues);
  const known = { tenant: tenants, model: models, channel: channels };

  function expect(kind: keyof typeof known, id: unknown, path: Path): void {
    if (typeof id !== 'string' || id === '' || known[kind].has(id)) return;
    issues.push({ path, message: `unknown ${kind} '${id}'${didYouMean(id, [...known[kind]])}` });
  }

  for (const section of ['channels', 'rules', 'guard', 'api_keys']) {
    listField(data, section).forEach((item, index) => {
      expect('tenant', field(item, 'tenant'), [section, index, 'tenant']);
    });
  }
  listField(data, 'tenants').forEach((tenant, index) => {
    const at = ['tenants', index];
    listField(tenant, 'models').forEach((id, position) => {
      expect('model', id, [...at, 'models', position]);
    });
    expect('model', field(field(tenant, 'budget'), 'downgrade_to'), [...at, 'budget', 'downgrade_to']);
    expect('model', field(field(tenant, 'short_query'), 'model'), [...at, 'short_query', 'model']);
    expect('channel', field(field(tenant, 'admin_chat'), 'channel'), [...at, 'admin_chat', 'channel']);
    const limits = field(tenant, 'model_limits');
    for (const id of isRecord(limits) ? Object.keys(limits) : []) expect('model', id, [...at, 'model_limits', id]);
  });
  listField(data, 'rules').forEach((rule, index) => {
    expect('model', field(rule, 'model'), ['rules', index, 'model']);
  });
  return [...issues, ...foreignReferences(data), ...sharedKeys(data)];
}

/** Things that exist, but belong to another tenant or are not among the tenant's own. What does not exist is told above. */
function foreignReferences(data: unknown): PathIssue[] {
  const issues: PathIssue[] = [];
  const ownerOf = new Map(listField(data, 'channels').map((one) => [textField(one, 'id'), textField(one, 'tenant')]));
  const modelsOf = new Map(
    listField(data, 'tenants').map((one) => [textField(one, 'id'), listField(one, 'models')] as const),
  );
  listField(data, 'tenants').forEach((tenant, index) => {
    const owner = ownerOf.get(textField(field(tenant, 'admin_chat'), 'channel'));
    if (owner === undefined || owner === textField(tenant, 'id')) return;
    issues.push({ path: ['tenants', index, 'admin_chat', 'channel'], message: 'is a channel of another tenant' });
  });
  listField(data, 'rules').forEach((rule, index) => {
    const own = modelsOf.get(textField(rule, 'tenant')) ?? [];
    const model = textField(rule, 'model');
    // Without a list there is nothing that a rule could leave.
    if (model === undefined || own.length === 0 || own.includes(model)) return;
    const isKnown = listField(data, 'models').some((one) => textField(one, 'id') === model);
    if (isKnown) issues.push({ path: ['rules', index, 'model'], message: "is not one of the tenant's models" });
  });
  return issues;
}

function collectIds(data: unknown, section: string, issues: PathIssue[]): Set<string> {
  const first = new Map<string, number>();
  listField(data, section).forEach((item, index) => {
    const id = textField(item, 'id');
    if (id === undefined) return;
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, index);
    else issues.push({ path: [section, index, 'id'], message: `'${id}' is already the id of ${section}[${earlier}]` });
  });
  return new Set(first.keys());
}

/** A key that two entries share would make it a matter of chance whose limits and data a caller gets. */
function sharedKeys(data: unknown): PathIssue[] {
  const first = new Map<string, number>();
  const issues: PathIssue[] = [];
  listField(data, 'api_keys').forEach((item, index) => {
    const key = textField(item, 'key');
    if (key === undefined) return;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    else issues.push({ path: ['api_keys', index, 'key'], message: `is the same key as that of api_keys[${earlier}]` });
  });
  return issues;
}
