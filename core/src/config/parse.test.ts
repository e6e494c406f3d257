// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file's placeholders look like JavaScript's
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigIssue, describeIssues, parseConfig } from './index.ts';

function issuesOf(text: string, env: Record<string, string> = {}): ConfigIssue[] {
  const result = parseConfig(text, env);
  return result.ok ? [] : result.issues;
}

const GOOD = `
version: 1
tenants:
  - id: acme
    models: [gpt, claude]
    budget: { monthly_usd: 100, on_exceeded: downgrade, downgrade_to: claude }
channels:
  - id: acme-slack
    tenant: acme
    platform: slack
    credentials: { bot_token: "\${SLACK_BOT_TOKEN}", signing_secret: s }
models:
  - { id: gpt, provider: openai, keys: ["\${KEY}"] }
  - { id: claude, provider: anthropic, keys: [k] }
`;

describe('parseConfig', () => {
  it('reads YAML and fills variables and defaults', () => {
    const result = parseConfig(GOOD, { SLACK_BOT_TOKEN: 'xoxb', KEY: 'sk' });
    if (!result.ok) throw new Error(describeIssues(result.issues));
    expect(result.config.channels[0]).toMatchObject({ transport: 'webhook', credentials: { bot_token: 'xoxb' } });
    expect(result.config.tenants[0]?.session).toEqual({ scope: 'chat', turns: 5, ttl_seconds: 1800 });
    expect(result.config.models[0]?.keys).toEqual(['sk']);
  });

  it('reads JSON', () => {
    expect(parseConfig('{"version": 1, "models": [{"id": "e", "provider": "echo"}]}', {}).ok).toBe(true);
  });

  it('reports every mistake at once, with path and line', () => {
    const text = `
version: 1
tenants:
  - id: acme
    modles: [gpt]
    models: [gtp]
    session: { scope: room }
channels:
  - id: a
    tenant: amce
    platform: slack
    transport: socket
    credentials: { bot_token: x, sining_secret: s }
    triggers: { group: mention, comands: [] }
  - { id: a, tenant: acme, platform: discord, credentials: {} }
  - { id: c, tenant: acme, platform: telegram, transport: socket, credentials: { bot_token: "\${MISSING}" } }
  - { id: d, platform: feishu, tenant: acme, credentials: { app_id: a, app_secret: b } }
models:
  - { id: gpt, provider: openai }
  - { id: az, provider: azure-openai, keys: [k] }
rules:
  - { tenant: acme, match: { regex: "(" }, reply: x }
  - { tenant: acme, match: { exact: [] }, reply: x }
  - { tenant: acme, match: { exact: [a], prefix: [b] }, reply: x }
`;
    const found = issuesOf(text).map(({ path, line, message }) => `${path} @${line} ${message}`);
    const expected = [
      /^tenants\[0\]\.modles @5 unknown key "modles" \(did you mean "models"\?\)$/,
      /^tenants\[0\]\.models\[0\] @6 unknown model 'gtp' \(did you mean "gpt"\?\)$/,
      /^tenants\[0\]\.session\.scope @7 expected one of/,
      /^channels\[0\]\.tenant @10 unknown tenant 'amce' \(did you mean "acme"\?\)$/,
      /^channels\[0\]\.credentials\.app_token @13 transport socket needs app_token$/,
      /^channels\[0\]\.credentials\.sining_secret @13 unknown key .*"signing_secret"/,
      /^channels\[0\]\.triggers\.comands @14 unknown key .*"commands"/,
      /^channels\[1\]\.id @15 'a' is already the id of channels\[0\]$/,
      /^channels\[1\]\.platform @15 expected one of feishu, slack, telegram$/,
      /^channels\[2\]\.transport @16 expected one of/,
      /^channels\[2\]\.credentials\.bot_token @16 the environment variable MISSING is not set$/,
      /^channels\[3\]\.credentials\.encrypt_key @17 transport webhook needs encrypt_key or verification_token$/,
      /^models\[0\]\.keys @19 provider openai needs at least one key$/,
      /^models\[1\]\.endpoints @20 provider azure-openai needs at least one endpoint$/,
      /^rules\[0\]\.match\.regex @22 is not a regular expression/,
      /^rules\[1\]\.match\.exact @23 /,
      /^rules\[2\]\.match @24 expected exactly one of exact, prefix, regex, keywords$/,
    ];
    for (const pattern of expected) expect(found).toContainEqual(expect.stringMatching(pattern));
    expect(found).toHaveLength(expected.length);
  });

  it('names references that lead nowhere, everywhere', () => {
    const text = `
version: 1
tenants:
  - id: t
    model_limits: { "x.1": { minute: 1 } }
    budget: { monthly_usd: 1, downgrade_to: x }
    short_query: { max_characters: 3, model: x }
  - { id: u, budget: { monthly_usd: 1, on_exceeded: downgrade } }
rules: [{ tenant: nobody, match: { exact: [a] }, reply: b }]
guard: [{ tenant: nobody }]
api_keys: [{ id: k, tenant: nobody, key: the-same-key-of-two }, { id: l, tenant: t, key: the-same-key-of-two }]
`;
    expect(issuesOf(text).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "rules[0].tenant: unknown tenant 'nobody'",
      "guard[0].tenant: unknown tenant 'nobody'",
      "api_keys[0].tenant: unknown tenant 'nobody'",
      "tenants[0].budget.downgrade_to: unknown model 'x'",
      "tenants[0].short_query.model: unknown model 'x'",
      'tenants[0].model_limits["x.1"]: unknown model \'x.1\'',
      'api_keys[1].key: is the same key as that of api_keys[0]',
      'tenants[1].budget.downgrade_to: on_exceeded: downgrade needs a model to go down to',
    ]);
  });

  it("names what is another tenant's, or not among a tenant's own", () => {
    const telegram = { platform: 'telegram', credentials: { bot_token: '1:a', webhook_secret: 's' } };
    const issues = issuesOf(
      JSON.stringify({
        version: 1,
        tenants: [
          { id: 'a', models: ['m'], admin_chat: { channel: 'of-b', chat: '1' } },
          { id: 'b', models: [], admin_chat: { channel: 'of-b', chat: '1' } },
        ],
        channels: [{ id: 'of-b', tenant: 'b', ...telegram }],
        models: ['m', 'n'].map((id) => ({ id, provider: 'echo' })),
        rules: [
          { tenant: 'a', match: { exact: ['x'] }, model: 'm' },
          { tenant: 'a', match: { exact: ['x'] }, model: 'n' },
          { tenant: 'a', match: { exact: ['x'] }, model: 'nothing' },
          { tenant: 'b', match: { exact: ['x'] }, model: 'n' },
        ],
      }),
    );
    expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "rules[2].model: unknown model 'nothing'",
      'tenants[0].admin_chat.channel: is a channel of another tenant',
      "rules[1].model: is not one of the tenant's models",
    ]);
  });

  it.each([
    ['slack', 'socket', { bot_token: 'x', app_token: 'y' }, true],
    ['slack', 'webhook', { bot_token: 'x', app_token: 'y' }, false],
    ['telegram', 'polling', { bot_token: '1:a' }, true],
    ['telegram', 'webhook', { bot_token: '1:a' }, false],
    ['telegram', 'webhook', { bot_token: '1:a', webhook_secret: 's' }, true],
    ['feishu', 'socket', { app_id: 'a', app_secret: 'b' }, true],
    ['feishu', 'webhook', { app_id: 'a', app_secret: 'b', verification_token: 'v' }, true],
    ['feishu', 'webhook', { app_id: 'a', app_secret: 'b', encrypt_key: 'e' }, true],
  ])('%s over %s with %j: %s', (platform, transport, credentials, ok) => {
    const channels = [{ id: 'c', tenant: 't', platform, transport, credentials }];
    expect(parseConfig(JSON.stringify({ version: 1, tenants: [{ id: 't' }], channels }), {}).ok).toBe(ok);
  });

  it('keeps secrets out of messages, wherever they stand', () => {
    const secret = 'sk-very-secret-value';
    const env = { SECRET: secret, OTHER: 'another-secret' };
    const texts = [
      'version: 1\nchannels:\n  - { id: "${SECRET}", tenant: "${SECRET}", platform: "${SECRET}", credentials: "${SECRET}" }',
      'version: 1\ntenants: [{ id: t, models: ["${SECRET}"], session: { scope: "${SECRET}" } }]',
      `version: 1\nmodels: [{ id: m, provider: openai, keys: [*${secret}] }]`,
      `version: 1\nmodels: [{ id: m, provider: openai, keys: ["${secret}\n  x: y`,
      `version: 1\nmodels: !${secret} "${secret}`,
      'version: 1\nchannels: [{ id: c, tenant: t, platform: telegram, credentials: { bot_token: "${SECRET}" } }]',
      'version: 1\nrules: [{ tenant: t, match: { regex: "(${SECRET}" }, reply: x }]',
    ];
    for (const text of texts) {
      const issues = issuesOf(text, env);
      expect(issues.length).toBeGreaterThan(0);
      expect(describeIssues(issues)).not.toContain(secret);
    }
  });

  it.each([
    ['', /is empty|expected/],
    ['a: [', /indentation|bracket/],
    ['version: 1\nversion: 1', /second time/],
    ['version: 1\n---\nversion: 1', /more than one document/],
    ['a: *nothing', /points to no anchor/],
    ['version: 1\ntenants: &a [*a]', /contains itself/],
    [`version: 1 # ${'x'.repeat(1024 * 1024)}`, /larger than 1 MiB/],
    ['['.repeat(200_000), /nested more than/],
    ['- '.repeat(200_000), /nested more than/],
    [`a: ${'{"a":'.repeat(100_000)}`, /nested more than/],
  ])('refuses %.30j', (text, message) => {
    const issues = issuesOf(text);
    expect(describeIssues(issues)).toMatch(message);
    expect(issues.length).toBeLessThanOrEqual(20);
  });

  it('refuses aliases that multiply', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++) {
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(describeIssues(issuesOf(bomb.join('\n')))).toMatch(/uses aliases more than 100 times/);
  });

  it('shows the line of a syntax error', () => {
    expect(issuesOf('version: 1\ntenants:\n\t- id: a')[0]).toMatchObject({
      line: 3,
      message: expect.stringMatching(/tabs/),
    });
  });

  it('treats __proto__ as any unknown key', () => {
    const issues = issuesOf('version: 1\n__proto__: { polluted: true }');
    expect(describeIssues(issues)).toMatch(/unknown key "__proto__"/);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('tells a bounded number of mistakes', () => {
    const wrong = Array.from({ length: 50_000 }, () => '{}').join(',');
    const issues = issuesOf(`{"version": 1, "tenants": [${wrong}], "rules": [${'{"tenant":"x"},'.repeat(5000)}]}`);
    expect(issues).toHaveLength(201);
    expect(issues.at(-1)?.message).toMatch(/more mistakes/);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const result = parseConfig(text, {});
        expect(result.ok).toBe(false);
      }),
    );
  });
});
