import { describe, expect, it } from 'vitest';
import { type Config, type ConfigIssue, describeIssues, environmentConfig, quickStartVariables } from './index.ts';

function configOf(env: Record<string, string>): Config {
  const result = environmentConfig(env);
  if (!result.ok) throw new Error(describeIssues(result.issues));
  return result.config;
}

function issuesOf(env: Record<string, string>): ConfigIssue[] {
  const result = environmentConfig(env);
  return result.ok ? [] : result.issues;
}

describe('environmentConfig: channels', () => {
  it.each([
    [{ FEISHU_APP_ID: 'a', FEISHU_APP_SECRET: 'b' }, 'feishu', 'socket'],
    [{ FEISHU_APP_ID: 'a', FEISHU_APP_SECRET: 'b', FEISHU_ENCRYPT_KEY: 'k' }, 'feishu', 'webhook'],
    [{ FEISHU_APP_ID: 'a', FEISHU_APP_SECRET: 'b', FEISHU_VERIFICATION_TOKEN: 'k' }, 'feishu', 'webhook'],
    [{ TELEGRAM_BOT_TOKEN: '1:a' }, 'telegram', 'polling'],
    [{ TELEGRAM_BOT_TOKEN: '1:a', TELEGRAM_WEBHOOK_SECRET: 's' }, 'telegram', 'webhook'],
    [{ TELEGRAM_BOT_TOKEN: '1:a', TELEGRAM_WEBHOOK_SECRET: '' }, 'telegram', 'polling'],
    [{ SLACK_BOT_TOKEN: 'x', SLACK_SIGNING_SECRET: 's' }, 'slack', 'webhook'],
    [{ SLACK_BOT_TOKEN: 'x', SLACK_APP_TOKEN: 's' }, 'slack', 'socket'],
    [{ SLACK_BOT_TOKEN: 'x', SLACK_APP_TOKEN: 's', SLACK_SIGNING_SECRET: 's' }, 'slack', 'socket'],
  ])('%j makes %s over %s', (env, platform, transport) => {
    const { channels } = configOf(env as Record<string, string>);
    expect(channels).toMatchObject([{ id: platform, tenant: 'default', platform, transport }]);
  });

  it('passes credentials and hosts on', () => {
    const { channels } = configOf({
      SLACK_BOT_TOKEN: 'x',
      SLACK_APP_TOKEN: 'app',
      SLACK_SIGNING_SECRET: 's',
      SLACK_API_BASE_URL: 'http://127.0.0.1:1',
    });
    expect(channels[0]?.credentials).toEqual({ bot_token: 'x', app_token: 'app', signing_secret: 's' });
    expect(channels[0]?.api_base_url).toBe('http://127.0.0.1:1');
  });

  it('names what an incomplete group lacks', () => {
    const issues = issuesOf({ FEISHU_APP_ID: 'cli_secret', TELEGRAM_WEBHOOK_SECRET: 's', SLACK_BOT_TOKEN: 'xoxb-1' });
    expect(issues).toEqual([
      { path: 'FEISHU_APP_SECRET', message: 'FEISHU_APP_SECRET is missing: FEISHU_APP_ID is set' },
      { path: 'TELEGRAM_BOT_TOKEN', message: 'TELEGRAM_BOT_TOKEN is missing: TELEGRAM_WEBHOOK_SECRET is set' },
      {
        path: 'SLACK_SIGNING_SECRET',
        message: expect.stringContaining('SLACK_APP_TOKEN (for socket mode) is missing'),
      },
    ]);
  });

  it('names the variable of a malformed value, without the value', () => {
    const issues = issuesOf({
      TELEGRAM_BOT_TOKEN: 'not-a-token',
      FEISHU_APP_ID: 'a',
      FEISHU_APP_SECRET: 'b',
      FEISHU_API_BASE_URL: 'x',
    });
    expect(issues.map(({ path }) => path)).toEqual(['FEISHU_API_BASE_URL', 'TELEGRAM_BOT_TOKEN']);
    expect(describeIssues(issues)).not.toContain('not-a-token');
  });
});

describe('environmentConfig: models', () => {
  it('answers with echo when there is no model', () => {
    const config = configOf({ OPENAI_API_KEY: ' ' });
    expect(config.models).toMatchObject([{ id: 'echo', provider: 'echo' }]);
    expect(config.tenants).toMatchObject([{ id: 'default', models: ['echo'] }]);
    expect(config.channels).toEqual([]);
  });

  it('pools numbered keys in order, each once', () => {
    const { models } = configOf({ OPENAI_KEY_10: 'c', OPENAI_KEY_2: 'b', OPENAI_API_KEY: 'a', OPENAI_KEY_1: 'a' });
    expect(models).toMatchObject([{ provider: 'openai', keys: ['a', 'b', 'c'] }]);
  });

  it('prefers the explicit model and falls back to the others', () => {
    const config = configOf({
      MODEL_TYPE: 'openai-compatible',
      MODEL_NAME: 'Qwen/Qwen3:8b',
      MODEL_BASE_URL: 'http://gpu:8000/v1',
      ANTHROPIC_API_KEY: 'a',
      DEEPSEEK_API_KEY: 'd',
    });
    expect(config.models.map(({ provider }) => provider)).toEqual(['openai-compatible', 'anthropic', 'deepseek']);
    expect(config.models[0]).toMatchObject({ id: 'Qwen-Qwen3-8b', model: 'Qwen/Qwen3:8b', keys: [] });
    expect(config.tenants[0]?.models).toEqual(config.models.map(({ id }) => id));
  });

  it('keeps ids apart when two groups name the same model', () => {
    const { models } = configOf({ MODEL_TYPE: 'openai', API_KEY: 'a', OPENAI_API_KEY: 'b' });
    expect(new Set(models.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    [{ MODEL_TYPE: 'ollama' }, []],
    [{ MODEL_TYPE: 'glm', API_KEY: 'k' }, []],
    [{ MODEL_TYPE: 'openai' }, ['API_KEY']],
    [{ API_KEY: 'k' }, ['MODEL_TYPE']],
    [{ MODEL_TYPE: 'openai-compatible' }, ['MODEL_BASE_URL', 'MODEL_NAME']],
    [{ MODEL_TYPE: 'antropic', API_KEY: 'k' }, ['MODEL_TYPE']],
    [{ MODEL_TYPE: 'ollama', MODEL_BASE_URL: 'not a url' }, ['MODEL_BASE_URL']],
  ])('%j: wrong are %j', (env, wrong) => {
    expect(issuesOf(env as Record<string, string>).map(({ path }) => path)).toEqual(wrong);
  });
});

it('lists the variables of the quick start that are set', () => {
  const env = { SLACK_BOT_TOKEN: 'x', OPENAI_KEY_2: 'b', OPENAI_KEY_1: 'a', API_KEY: '', HOME: '/' };
  expect(quickStartVariables(env)).toEqual(['SLACK_BOT_TOKEN', 'OPENAI_KEY_1', 'OPENAI_KEY_2']);
});
