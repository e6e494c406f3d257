import {
  BOLT,
  DIRECT,
  HUB,
  HUB_SPLIT,
  PROXY,
  QUEUE_SDK,
  QUEUE_UNDICI,
  RAW_HMAC,
  RAW_XADD,
  SPLIT_WORKLOAD,
  TELEGRAF,
  VERCEL_CHAT,
} from '../contestants/index.ts';
import { apiName } from '../workloads/chat-api.ts';
import type { Bound, By, RowSpec } from './rows.ts';
import { HUB_SPECS } from './specs-hub.ts';

const MS = 'ms';
const RATE = '/s';
const US = 'µs';
const SLACK = 'Slack';
const CHATTER = 'not for the bot';

/** What a contestant of a workload with messages is told by: metric, words, unit. */
const FIGURES: [metric: string, what: string, unit: string][] = [
  ['per_second', 'highest rate', RATE],
  ['ack_p50', 'ack p50 at 200/s', MS],
  ['ack_p99', 'ack p99 at 200/s', MS],
  ['end_p50', 'answered p50 at 200/s', MS],
  ['end_p99', 'answered p99 at 200/s', MS],
  ['cpu_us', 'CPU a message', US],
];
const HUB_FIGURES: typeof FIGURES = [
  ...FIGURES,
  ['first_call_p50', 'event to model call p50', MS],
  ['last_send_p50', 'last token to reply p50', MS],
  ['redis_cpu_us', "Redis' CPU a message", US],
];

function figures(workload: string, contestant: string, list = FIGURES): RowSpec[] {
  return list.map(([metric, what, unit]) => ({ workload, contestant, metric, what, unit }));
}

function hubFigures(workload: string, contestant = HUB): RowSpec[] {
  const all = { workload, contestant, metric: 'unanswered', what: 'accepted and not answered', unit: '' };
  return [...figures(workload, contestant, HUB_FIGURES), { ...all, target: { atMost: 0 } }];
}

function against(
  workload: string,
  contestant: string,
  metric: string,
  other: string,
  by: By,
  target?: Bound,
  than = workload,
): RowSpec {
  const [, what = '', unit = ''] = FIGURES.find(([name]) => name === metric) ?? [];
  const row = { workload, contestant, metric, what, unit, against: { workload: than, contestant: other, by } };
  return target ? { ...row, target } : row;
}

function slackComparisons(workload: string, contestant: string): RowSpec[] {
  const row = (metric: string, other: string, by: By, target: Bound) =>
    against(workload, contestant, metric, other, by, target, SLACK);
  const perMessage = (other: string) => against(workload, contestant, 'cpu_us', other, 'ratio', undefined, SLACK);
  return [
    row('per_second', QUEUE_SDK.name, 'ratio', { atLeast: 1 }),
    row('per_second', VERCEL_CHAT.name, 'ratio', { atLeast: 1.25 }),
    row('per_second', QUEUE_UNDICI.name, 'ratio', { atLeast: 0.6 }),
    row('per_second', BOLT.name, 'ratio', { atLeast: 1 }),
    row('ack_p50', RAW_XADD.name, 'ratio', { atMost: 1.5 }),
    row('ack_p99', RAW_XADD.name, 'ratio', { atMost: 2.5 }),
    row('end_p50', QUEUE_UNDICI.name, 'difference', { atMost: 2 }),
    row('end_p99', QUEUE_UNDICI.name, 'difference', { atMost: 6 }),
    perMessage(QUEUE_SDK.name),
    perMessage(QUEUE_UNDICI.name),
  ];
}

const API_SPECS = [false, true].flatMap((stream) =>
  [1, 32, 256].flatMap((concurrency): RowSpec[] => {
    const workload = apiName(stream, concurrency);
    const rate = { workload, metric: 'per_second', what: 'rate', unit: RATE };
    const cpu = { workload, metric: 'cpu_us', what: 'CPU an answer', unit: US };
    return [
      { ...rate, contestant: DIRECT.name },
      { ...rate, contestant: PROXY.name },
      { ...cpu, contestant: PROXY.name },
      { ...cpu, contestant: HUB },
      { ...rate, contestant: HUB, against: { contestant: PROXY.name, by: 'ratio' }, target: { atLeast: 0.45 } },
      ...(concurrency === 1 ? [added(workload, 'took_p50', 'whole answer p50', 0.5)] : []),
      ...(concurrency === 1 && stream ? [added(workload, 'first_p50', 'first token p50', 1)] : []),
    ];
  }),
);

/** What the hub adds to the time of a call that goes through a proxy. */
function added(workload: string, metric: string, what: string, atMost: number): RowSpec {
  const than = { contestant: PROXY.name, by: 'difference' as const };
  return { workload, contestant: HUB, metric, what, unit: MS, against: than, target: { atMost } };
}

/** Everything that the table can say, in its order. */
export const SPECS: RowSpec[] = [
  ...[RAW_XADD, QUEUE_UNDICI, QUEUE_SDK, BOLT, VERCEL_CHAT].flatMap(({ name }) => figures(SLACK, name)),
  ...hubFigures(SLACK),
  ...slackComparisons(SLACK, HUB),
  ...hubFigures(SPLIT_WORKLOAD, HUB_SPLIT),
  ...slackComparisons(SPLIT_WORKLOAD, HUB_SPLIT),
  ...figures('Telegram', TELEGRAF.name),
  ...hubFigures('Telegram'),
  against('Telegram', HUB, 'per_second', TELEGRAF.name, 'ratio'),
  ...hubFigures('Feishu, encrypted'),
  ...[RAW_HMAC.name, HUB].flatMap((name) => [
    ...figures(CHATTER, name).filter(({ metric }) => metric === 'per_second' || metric === 'cpu_us'),
  ]),
  against(CHATTER, HUB, 'per_second', RAW_HMAC.name, 'ratio', { atLeast: 0.5 }),
  ...API_SPECS,
  ...HUB_SPECS,
];
