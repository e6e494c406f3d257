import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Config, type ConfigSource, createConfigSource } from './index.ts';

let folder = '';
let file = '';
let source: ConfigSource | undefined;
let logged: string[] = [];
let changes: [Config, Config][] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-config-'));
  file = join(folder, 'parley.yaml');
  logged = [];
  changes = [];
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  await rm(folder, { recursive: true });
});

const text = (tenant: string): string => `version: 1\ntenants: [{ id: ${tenant} }]\n`;

async function open(options: { pollMs?: number; env?: Record<string, string>; configFile?: string | undefined } = {}) {
  source = await createConfigSource({
    settings: { configFile: 'configFile' in options ? options.configFile : file },
    env: options.env ?? {},
    logger: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    onChange: (config, previous) => void changes.push([config, previous]),
    debounceMs: 5,
    pollMs: options.pollMs ?? 3_600_000,
  });
  return source;
}

function tenantOf(opened: ConfigSource): string | undefined {
  return opened.current.tenants[0]?.id;
}

describe('createConfigSource', () => {
  it('throws all mistakes of the first version', async () => {
    await writeFile(file, 'version: 2\nfoo: 1');
    await expect(open()).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/version: 1[\s\S]*foo/),
    });
    await expect(open({ configFile: join(folder, 'none.yaml') })).rejects.toThrow(/none\.yaml: there is no such file/);
  });

  it('starts from the environment without a file', async () => {
    const opened = await open({ configFile: undefined });
    expect(opened.source).toBe('environment');
    expect(opened.current.models).toMatchObject([{ provider: 'echo' }]);
  });

  it('lets the file win and says which variables have no effect', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own placeholder
    await writeFile(file, 'version: 1\nmodels: [{ id: m, provider: openai, keys: ["${OPENAI_API_KEY}"] }]');
    const opened = await open({ env: { OPENAI_API_KEY: 'used', SLACK_BOT_TOKEN: 'not used' } });
    expect(opened.current.channels).toEqual([]);
    expect(logged.join()).toContain('"variables":["SLACK_BOT_TOKEN"]');
  });

  it('follows a file that is written in place', async () => {
    await writeFile(file, text('a'));
    const opened = await open();
    await writeFile(file, text('b'));
    await vi.waitFor(() => expect(tenantOf(opened)).toBe('b'), 10_000);
    expect(changes.map(([now, before]) => [now.tenants[0]?.id, before.tenants[0]?.id])).toEqual([['b', 'a']]);
  });

  it('follows a file that is replaced by rename, time and again', async () => {
    await writeFile(file, text('a'));
    const opened = await open();
    for (const tenant of ['b', 'c', 'd']) {
      await writeFile(`${file}.new`, text(tenant));
      await rename(`${file}.new`, file);
      await vi.waitFor(() => expect(tenantOf(opened)).toBe(tenant), 10_000);
    }
  });

  it("follows the swap of a ConfigMap's symlink", async () => {
    for (const version of ['1', '2']) {
      await mkdir(join(folder, `..${version}`));
      await writeFile(join(folder, `..${version}`, 'parley.yaml'), text(`v${version}`));
    }
    await symlink('..1', join(folder, '..data'));
    await symlink('..data/parley.yaml', file);
    const opened = await open();
    expect(tenantOf(opened)).toBe('v1');
    await symlink('..2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await vi.waitFor(() => expect(tenantOf(opened)).toBe('v2'), 10_000);
  });

  it('notices a change that gives no event in the folder', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'parley-elsewhere-'));
    await writeFile(join(elsewhere, 'real.yaml'), text('a'));
    await symlink(join(elsewhere, 'real.yaml'), file);
    const opened = await open({ pollMs: 10 });
    await writeFile(join(elsewhere, 'real.yaml'), text('b'));
    await vi.waitFor(() => expect(tenantOf(opened)).toBe('b'), 10_000);
    await rm(elsewhere, { recursive: true });
  });

  it('keeps the old version while the new one is bad, and says so once', async () => {
    await writeFile(file, text('a'));
    const opened = await open({ pollMs: 10 });
    await writeFile(`${file}.new`, 'version: 1\ntenants: [{ id: "?" }]\nfoo: 1\n');
    await rename(`${file}.new`, file);
    await vi.waitFor(() => expect(opened.lastError?.issues).toHaveLength(2), 10_000);
    expect(tenantOf(opened)).toBe('a');
    await rm(file);
    await vi.waitFor(() => expect(opened.lastError?.issues[0]?.message).toMatch(/no such file/), 10_000);

    await writeFile(`${file}.new`, text('b'));
    await rename(`${file}.new`, file);
    await vi.waitFor(() => expect(tenantOf(opened)).toBe('b'), 10_000);
    expect(opened.lastError).toBeUndefined();
    expect(logged.filter((line) => line.includes('is refused'))).toHaveLength(2);
    expect(changes).toHaveLength(1);
  });

  it('does not report a change of comments only', async () => {
    await writeFile(file, text('a'));
    const opened = await open();
    await writeFile(`${file}.new`, `# a comment\n${text('a')}`);
    await rename(`${file}.new`, file);
    await writeFile(`${file}.new`, text('b'));
    await rename(`${file}.new`, file);
    await vi.waitFor(() => expect(tenantOf(opened)).toBe('b'), 10_000);
    expect(changes).toHaveLength(1);
  });
});
