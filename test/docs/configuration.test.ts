import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema, loadSettings, parseConfig, quickStartVariables } from '@parley/core/config';
import { IGNORE_REASONS } from '@parley/core/message';
import { createMetrics } from '@parley/core/telemetry';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const zhOf = (file: string) => file.replace(/\.md$/, '.zh-CN.md');
const filesIn = (folder: string, pattern: RegExp) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));

const DOCS = filesIn('docs', /\.md$/);
/** Pages for users: each has a Chinese twin. */
const PAGES = ['README.md', 'SECURITY.md', ...DOCS.filter((file) => !file.endsWith('.zh-CN.md'))];
const ALL = [...PAGES, ...PAGES.map(zhOf), 'AGENTS.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
const BOTH_LANGUAGES = (file: string) => [file, zhOf(file)];

/** What is in backticks in the first cell of every table row → the row's other cells. */
function tableOf(file: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const line of read(file).split('\n')) {
    if (!line.startsWith('|')) continue;
    const [first = '', ...rest] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    for (const [, name = ''] of first.matchAll(/`([^`]+)`/g)) rows.set(name, rest);
  }
  return rows;
}

type Node = Exclude<ReturnType<typeof configSchema.toJSONSchema>, boolean>;
interface Key {
  path: string;
  node: Node;
  required: boolean;
}

/** Every key of the schema, as the documentation writes it: `tenants[].session.scope`, `….MODEL.…` for a record. */
function keysOf(node: Node, path: string): Key[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = { path: path ? `${path}.${name}` : name, node: child as Node, required: false };
    key.required = node.required?.includes(name) === true;
    return [key, ...keysOf(key.node, key.path)];
  });
  const items = typeof node.items === 'object' ? keysOf(node.items as Node, `${path}[]`) : [];
  const record = node.propertyNames ? keysOf(node.additionalProperties as Node, `${path}.MODEL`) : [];
  const choices = [...(node.oneOf ?? []), ...(node.anyOf ?? [])].flatMap((choice) => keysOf(choice as Node, path));
  return [...own, ...items, ...record, ...choices];
}

const KEYS = keysOf(configSchema.toJSONSchema({ io: 'input' }) as Node, '');

/** Bounds a person may run into; the largest safe integer is none. */
function boundsOf({ maximum, maxItems, maxLength, items }: Node): number[] {
  const inner = typeof items === 'object' ? (items as Node).maxLength : undefined;
  return [maximum, maxItems, maxLength, inner].filter(
    (n) => n !== undefined && n < Number.MAX_SAFE_INTEGER,
  ) as number[];
}

function defaultOf({ node, required }: Key, words: { required: string }): string {
  if (node.default === undefined) return required ? words.required : '—';
  return `\`${typeof node.default === 'string' && node.default !== '' ? node.default : JSON.stringify(node.default)}\``;
}

/** The names of all variables that `use` looks at. */
function namesRead(use: (env: Record<string, string | undefined>) => unknown): string[] {
  const names = new Set<string>();
  const get = (_: unknown, name: string | symbol) => {
    names.add(String(name));
    return undefined;
  };
  use(new Proxy<Record<string, string | undefined>>({}, { get }));
  return [...names];
}

describe.each([
  ['docs/configuration.md', { required: 'required' }],
  ['docs/configuration.zh-CN.md', { required: '必填' }],
])('%s', (file, words) => {
  const rows = tableOf(file);

  test('has every key of the schema with its default, its values and its bounds', () => {
    expect(KEYS.length).toBeGreaterThan(90);
    const wrong = KEYS.flatMap((key) => {
      const [type = '', fallback = '', bound = ''] = rows.get(key.path) ?? [];
      if (!rows.has(key.path)) return [`${key.path}: missing`];
      const choices = (key.node.enum ?? []).filter((value) => !type.includes(`\`${value}\``));
      const bounds = boundsOf(key.node).filter((limit) => !new RegExp(`\\b${limit}\\b`).test(bound));
      return [
        ...(fallback === defaultOf(key, words)
          ? []
          : [`${key.path}: default ${fallback}, not ${defaultOf(key, words)}`]),
        ...choices.map((value) => `${key.path}: value ${value}`),
        ...bounds.map((limit) => `${key.path}: bound ${limit}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test('has no key that the schema does not have', () => {
    const known = new Set(KEYS.map(({ path }) => path));
    expect([...rows.keys()].filter((name) => name.includes('[]') && !known.has(name))).toEqual([]);
  });

  test('has every environment variable', () => {
    const inCommands = filesIn('apps/hub/src', /\.ts$/).flatMap((source) =>
      [...read(source).matchAll(/\benv\.([A-Z][A-Z_]+)/g)].map(([, name = '']) => name),
    );
    const names = [
      ...namesRead((env) => loadSettings(env, 'start')),
      ...namesRead(quickStartVariables),
      'OPENAI_KEY_1',
      // What only tests set is no matter for users.
      ...inCommands.filter((name) => !name.startsWith('PARLEY_TEST_')),
    ];
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !rows.has(name))).toEqual([]);
  });
});

describe.each(BOTH_LANGUAGES('docs/operations.md'))('%s', (file) => {
  const rows = tableOf(file);

  test('has every metric and every reason to ignore an event', async () => {
    const metrics = await createMetrics().registry.getMetricsAsJSON();
    const names = metrics.map(({ name }) => name).filter((name) => name.startsWith('parley_'));
    expect(names.length).toBeGreaterThan(5);
    expect([...names, ...IGNORE_REASONS].filter((name) => !rows.has(name))).toEqual([]);
  });
});

test.each([
  ['slack', 'NEEDED_SCOPES', ['docs/connect/slack-app-manifest.yaml', 'docs/connect/slack-app-manifest-socket.yaml']],
  ['feishu', 'SCOPES', []],
])('the scopes that the %s adapter asks for are documented', (platform, name, files: string[]) => {
  const list = new RegExp(`const ${name} = \\[([^\\]]+)\\]`).exec(read(`adapters/${platform}/src/probe.ts`))?.[1] ?? '';
  const scopes = [...list.matchAll(/'([^']+)'/g)].map(([, scope = '']) => scope);
  expect(scopes.length).toBeGreaterThan(4);
  for (const file of [...files, ...BOTH_LANGUAGES(`docs/connect/${platform}.md`)])
    expect({ file, missing: scopes.filter((scope) => !read(file).includes(scope)) }).toEqual({ file, missing: [] });
});

/** Lines outside of fenced code. */
function prose(text: string): string[] {
  return text.replace(/^( *)```[\s\S]*?^\1```$/gm, '').split('\n');
}

const headingsOf = (file: string) => prose(read(file)).filter((line) => /^#{1,6} /.test(line));

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  const words = heading.replace(/^#+ /, '').toLowerCase();
  return words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
}

describe.each(PAGES)('%s and its Chinese twin', (file) => {
  test('have the same structure: headings, table rows and code', () => {
    const structure = (page: string) => ({
      headings: headingsOf(page).map((line) => line.indexOf(' ')),
      rows: read(page).match(/^\|/gm)?.length ?? 0,
      code: read(page).match(/^ *```/gm)?.length ?? 0,
    });
    expect(structure(zhOf(file))).toEqual(structure(file));
  });
});

describe.each(ALL)('%s', (file) => {
  test('every relative link resolves, its anchor too', () => {
    const links = prose(read(file)).flatMap((line) =>
      [...line.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link),
    );
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), decodeURIComponent(path)));
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && !headingsOf(target).map(anchorOf).includes(decodeURIComponent(anchor));
      });
    expect(broken).toEqual([]);
  });

  test('every configuration in it is valid', () => {
    // Any value will do for a variable, but a Telegram token has a shape of its own.
    const get = (_: unknown, name: string | symbol) => (name === 'TELEGRAM_BOT_TOKEN' ? '123456:ABC' : 'value');
    const env = new Proxy<Record<string, string>>({}, { get });
    for (const [, yaml = ''] of read(file).matchAll(/```yaml\n(version: 1\n[\s\S]*?)```/g))
      expect(parseConfig(yaml, env)).toMatchObject({ ok: true });
  });
});
