import { startFeishuSimulator } from '@parley/simulators/feishu';
import { type ModelSimulatorOptions, startOpenAiSimulator } from '@parley/simulators/models';
import { startSlackSimulator } from '@parley/simulators/slack';
import { startTelegramSimulator } from '@parley/simulators/telegram';

export type World = Awaited<ReturnType<typeof createWorld>>;

/** What a test changes in the configuration of the world. */
export interface ConfigOver {
  tenant?: object;
  channel?: object;
  channels?: object;
  rules?: object[];
  guard?: object[];
  /** Beside the model `sim`. */
  models?: object[];
  apiKeys?: object[];
}

export interface WorldOptions {
  model?: ModelSimulatorOptions;
  /** Divides the platforms' redelivery times; default 50. */
  speedup?: number;
  /** Slack's bot may write to anybody: for load of deploy/load, whose events nobody in the simulator has sent. */
  strangers?: boolean;
}

/** All that is outside the hub: three chat platforms and a model API, and a configuration that points at them. */
export async function createWorld({ model = {}, speedup = 50, strangers = false }: WorldOptions = {}) {
  const [slack, telegram, feishu, openai] = await Promise.all([
    startSlackSimulator({ speedup, strangers }),
    startTelegramSimulator({ speedup }),
    startFeishuSimulator({ speedup, encrypt: true }),
    startOpenAiSimulator(model),
  ]);
  const simulators = { slack, telegram, feishu };
  return {
    ...simulators,
    openai,
    platforms: Object.values(simulators),
    /** The hub's configuration: tenant `acme` with a bot on each platform, named like the platform. */
    config: (over: ConfigOver = {}) => ({
      version: 1,
      tenants: [{ id: 'acme', models: ['sim'], ...over.tenant }],
      channels: Object.entries(simulators).map(([platform, simulator]) => ({
        id: platform,
        tenant: 'acme',
        platform,
        credentials: simulator.credentials,
        api_base_url: simulator.url,
        ...over.channel,
      })),
      models: [
        { id: 'sim', provider: 'openai', model: 'gpt-sim', endpoints: [{ base_url: openai.url }], keys: ['sk-sim'] },
        ...(over.models ?? []),
      ],
      rules: over.rules ?? [],
      guard: over.guard ?? [],
      api_keys: over.apiKeys ?? [],
    }),
    /** Tells every platform where the hub takes its events. */
    connect(hubUrl: string) {
      for (const { platform, setWebhook } of Object.values(simulators))
        setWebhook(`${hubUrl}/webhooks/${platform}/${platform}`);
    },
    async close() {
      await Promise.all([slack.close(), telegram.close(), feishu.close(), openai.close()]);
    },
  };
}
