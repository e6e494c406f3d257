import type { ModelSimulator } from '@parley/simulators/models';
import type { TestHub, World } from '../support/index.ts';
import type { Scene } from './play.ts';

/** A number that a card may have, and nobody has. */
const CARD = '4111 1111 1111 1111';

/**
 * What the hub does beyond answering: a second model steps in, a card number never leaves the hub, a limit is told. Each
 * scene shows what went on behind the reply.
 */
export function backstage(world: World, second: ModelSimulator) {
  const config = (tenant: object = {}) =>
    world.config({
      tenant: { name: 'Demo', models: ['sim', 'claude'], ...tenant },
      guard: [{ tenant: 'acme', mask: ['credit_card'] }],
      models: [
        {
          id: 'claude',
          provider: 'anthropic',
          model: 'claude-sim',
          endpoints: [{ base_url: second.url }],
          keys: ['sk-ant-sim'],
        },
      ],
    });

  const fallback: Scene = {
    title: { en: 'a model is down', zh: '模型故障' },
    platform: 'slack',
    chat: 'slack-fallback',
    steps: [
      {
        title: { en: 'The first model answers 503, the second one steps in', zh: '首选模型返回 503，备用模型接手' },
        before: () => void world.openai.misbehave({ times: 1, action: { kind: 'status', status: 503 } }),
        act: (platform, { chat }) => platform.say({ chat, text: 'Is anybody there?' }),
        expect: 'About Is anybody there?',
        behind: () =>
          second.requests.length > 0
            ? { en: '(answered by the second model, claude)', zh: '（由备用模型 claude 回答）' }
            : undefined,
      },
    ],
  };

  const masking: Scene = {
    title: { en: 'personal data', zh: '个人信息' },
    platform: 'telegram',
    chat: 'telegram-masking',
    steps: [
      {
        title: { en: 'A card number is masked before it reaches the model', zh: '银行卡号在发给模型之前被遮蔽' },
        act: (platform, { chat }) => platform.say({ chat, text: `Is ${CARD} my card?` }),
        expect: CARD,
        behind: () => {
          const seen = [...world.openai.requests, ...second.requests].map(({ body }) => JSON.stringify(body));
          const isMasked =
            seen.some((body) => body.includes('[CREDIT_CARD_1]')) && !seen.some((body) => body.includes(CARD));
          return isMasked
            ? {
                en: '(the model saw: Is [CREDIT_CARD_1] my card?)',
                zh: '（模型看到的是：Is [CREDIT_CARD_1] my card?）',
              }
            : undefined;
        },
      },
    ],
  };

  const quota = (hub: TestHub): Scene => ({
    title: { en: 'a limit', zh: '额度' },
    platform: 'feishu',
    chat: 'feishu-quota',
    steps: [
      {
        title: {
          en: 'One question a minute for each person (set while the hub runs)',
          zh: '运行中改配置：每人每分钟一个问题',
        },
        from: 'carol',
        before: () => limitUsers(hub, config),
        act: (platform, { chat }) => platform.say({ chat, from: 'carol', text: 'May I ask?' }),
        expect: 'About May I ask?',
      },
      {
        title: { en: 'The second one is refused, with the reason', zh: '第二个问题被拒绝，并说明原因' },
        from: 'carol',
        act: (platform, { chat }) => platform.say({ chat, from: 'carol', text: 'And again?' }),
        expect: 'limit',
      },
    ],
  });

  return { config, scenes: (hub: TestHub): Scene[] => [fallback, masking, quota(hub)] };
}

/** Resolves when the hub has taken the new limit over. */
async function limitUsers(hub: TestHub, config: (tenant: object) => object): Promise<void> {
  const before = hub.logs.length;
  await hub.writeConfig(config({ user_limits: { minute: 1 } }));
  const deadline = Date.now() + 10_000;
  while (!hub.logs.slice(before).some(({ msg }) => /configuration/i.test(msg)) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
