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
  TELEGRAF,
  VERCEL_CHAT,
} from '../contestants/index.ts';
import { ELSEWHERE, PHASES } from '../measure/cpu-profile.ts';
import type { Results } from '../measure/results.ts';
import type { Spread } from '../measure/statistics.ts';

/** One line of the table. */
export interface Row {
  workload: string;
  contestant: string;
  what: string;
  unit: string;
  value: Spread;
  /** What the value is compared with, and how; absent for floors and peers. */
  compared?: { with: string; by: 'ratio' | 'difference'; figure: number } | undefined;
  /** What it shall be, and whether it is. */
  target?: { text: string; met: boolean } | undefined;
}

type Bound = { atLeast: number } | { atMost: number };

interface RowSpec {
  workload: string;
  contestant: string;
  metric: string;
  what: string;
  unit: string;
  /** Compared with this contestant's same metric, or that metric of it. */
  against?: { contestant: string; metric?: string; by: 'ratio' | 'difference' };
  target?: Bound;
}

/** The table, for as much as was measured. */
export function rowsOf(results: Results): Row[] {
  return SPECS.flatMap((spec) => {
    const { workload, contestant, metric, against } = spec;
    const value = results.get(workload, contestant, metric);
    const other = against && results.get(workload, against.contestant, against.metric ?? metric);
    return value && (other || !against) ? [rowOf(spec, value, other)] : [];
  });
}

function rowOf({ against, target, ...spec }: RowSpec, value: Spread, other: Spread | undefined): Row {
  const { workload, contestant, what, unit } = spec;
  const figure = other && (against?.by === 'ratio' ? value.median / other.median : value.median - other.median);
  const judged = against ? figure : value.median;
  return {
    workload,
    contestant,
    what,
    unit,
    value,
    compared: against && figure !== undefined ? { with: against.contestant, by: against.by, figure } : undefined,
    target: target && judged !== undefined ? judge(judged, target, against?.by, unit) : undefined,
  };
}

function judge(figure: number, bound: Bound, by: 'ratio' | 'difference' | undefined, unit: string) {
  const [sign, limit, met] =
    'atLeast' in bound
      ? (['≥', bound.atLeast, figure >= bound.atLeast] as const)
      : (['≤', bound.atMost, figure <= bound.atMost] as const);
  const measure = by === 'ratio' ? '×' : by === 'difference' ? ` ${unit} above` : ` ${unit}`;
  return { text: `${sign} ${limit.toLocaleString('en')}${measure}`, met };
}

const MS = 'ms';
const RATE = '/s';

function messageRows(workload: string, contestants: string[]): RowSpec[] {
  return contestants.flatMap((contestant) => [
    { workload, contestant, metric: 'per_second', what: 'highest rate', unit: RATE },
    { workload, contestant, metric: 'ack_p50', what: 'ack p50 at 200/s', unit: MS },
    { workload, contestant, metric: 'ack_p99', what: 'ack p99 at 200/s', unit: MS },
    { workload, contestant, metric: 'end_p50', what: 'answered p50 at 200/s', unit: MS },
    { workload, contestant, metric: 'end_p99', what: 'answered p99 at 200/s', unit: MS },
    { workload, contestant, metric: 'cpu_us', what: 'CPU a message', unit: 'µs' },
  ]);
}

function hubRows(workload: string, contestant: string): RowSpec[] {
  return [
    ...messageRows(workload, [contestant]),
    { workload, contestant, metric: 'first_call_p50', what: 'event to model call p50', unit: MS },
    { workload, contestant, metric: 'last_send_p50', what: 'last token to reply p50', unit: MS },
    { workload, contestant, metric: 'redis_cpu_us', what: "Redis' CPU a message", unit: 'µs' },
    { workload, contestant, metric: 'unanswered', what: 'accepted and not answered', unit: '', target: { atMost: 0 } },
  ];
}

const targets = (specs: RowSpec[]): RowSpec[] => specs;

const SLACK = 'Slack';
const slackTargets = targets([
  rate(QUEUE_SDK.name, 1),
  rate(VERCEL_CHAT.name, 1.25),
  rate(QUEUE_UNDICI.name, 0.6),
  rate(BOLT.name, 1),
  latency('ack_p50', 'ack p50 at 200/s', RAW_XADD.name, 'ratio', 1.5),
  latency('ack_p99', 'ack p99 at 200/s', RAW_XADD.name, 'ratio', 2.5),
  latency('end_p50', 'answered p50 at 200/s', QUEUE_UNDICI.name, 'difference', 2),
  latency('end_p99', 'answered p99 at 200/s', QUEUE_UNDICI.name, 'difference', 6),
]);

function rate(contestant: string, atLeast: number): RowSpec {
  const what = 'highest rate';
  const common = { workload: SLACK, contestant: HUB, metric: 'per_second', what, unit: RATE };
  return { ...common, against: { contestant, by: 'ratio' }, target: { atLeast } };
}

function latency(
  metric: string,
  what: string,
  contestant: string,
  by: 'ratio' | 'difference',
  atMost: number,
): RowSpec {
  return { workload: SLACK, contestant: HUB, metric, what, unit: MS, against: { contestant, by }, target: { atMost } };
}

const API_ROWS = ['plain', 'streamed'].flatMap((kind) =>
  [1, 32, 256].flatMap((concurrency): RowSpec[] => {
    const workload = `chat API ${kind} ×${concurrency}`;
    const against = (by: 'ratio' | 'difference') => ({ contestant: PROXY.name, by });
    return [
      ...[DIRECT, PROXY].map(({ name: contestant }) => ({
        workload,
        contestant,
        metric: 'per_second',
        what: 'rate',
        unit: RATE,
      })),
      {
        workload,
        contestant: HUB,
        metric: 'per_second',
        what: 'rate',
        unit: RATE,
        against: against('ratio'),
        target: { atLeast: 0.45 },
      },
      ...(concurrency === 1
        ? [
            latencyAbove(workload, 'took_p50', 'whole answer p50', 0.5),
            latencyAbove(workload, 'first_p50', 'first token p50', 1),
          ]
        : []),
    ];
  }),
);

function latencyAbove(workload: string, metric: string, what: string, atMost: number): RowSpec {
  const against = { contestant: PROXY.name, by: 'difference' as const };
  return { workload, contestant: HUB, metric, what, unit: MS, against, target: { atMost } };
}

const hubOnly = (workload: string, metric: string, what: string, unit: string, target?: Bound): RowSpec => ({
  workload,
  contestant: HUB,
  metric,
  what,
  unit,
  ...(target && { target }),
});

const SPECS: RowSpec[] = [
  ...messageRows(
    SLACK,
    [RAW_XADD, QUEUE_UNDICI, QUEUE_SDK, BOLT, VERCEL_CHAT].map(({ name }) => name),
  ),
  ...hubRows(SLACK, HUB),
  ...slackTargets,
  ...hubRows(SLACK, HUB_SPLIT),
  ...messageRows('Telegram', [TELEGRAF.name]),
  ...hubRows('Telegram', HUB),
  ...hubRows('Feishu, encrypted', HUB),
  { workload: 'not for the bot', contestant: RAW_HMAC.name, metric: 'per_second', what: 'highest rate', unit: RATE },
  {
    ...hubOnly('not for the bot', 'per_second', 'highest rate', RATE, { atLeast: 0.5 }),
    against: { contestant: RAW_HMAC.name, by: 'ratio' },
  },
  ...API_ROWS,
  hubOnly('Redis, slack', 'commands', 'commands a message', '', { atMost: 12 }),
  hubOnly('Redis, slack', 'evalsha', 'of these scripts', ''),
  ...[
    ['trips_ack', 'round trips until acknowledged'] as const,
    ['trips_end', 'round trips until answered'] as const,
  ].map(([metric, what]) => ({ workload: 'Redis, slack', contestant: QUEUE_UNDICI.name, metric, what, unit: '' })),
  hubOnly('Redis, slack', 'trips_ack', 'round trips until acknowledged', ''),
  hubOnly('Redis, slack', 'trips_end', 'round trips until answered', '', { atMost: 4 }),
  ...[...PHASES.map(([phase]) => phase), ELSEWHERE].map((phase) => hubOnly('one message', phase, phase, 'µs')),
  hubOnly('one message', 'cpu_us', 'CPU in all', 'µs'),
  hubOnly('1,000 streams', 'loop_p99', 'event loop delay p99', MS, { atMost: 50 }),
  hubOnly('1,000 streams', 'previews_each', 'previews an answer', ''),
  hubOnly('1,000 streams', 'last_send_p50', 'last token to reply p50', MS),
  hubOnly('1,000 streams', 'last_send_p99', 'last token to reply p99', MS),
  hubOnly('1,000 streams', 'cpu_us', 'CPU an answer', 'µs'),
  hubOnly('backlog', 'bytes_each', 'Redis a waiting message', 'B', { atMost: 1500 }),
  hubOnly('backlog', 'published_per_second', 'taken in', RATE),
  hubOnly('backlog', 'drained_per_second', 'drained by one worker', RATE),
  hubOnly('backlog', 'drain_cpu_us', 'CPU a message', 'µs'),
  hubOnly('cold start', 'embedded_ms', 'start, data present', MS, { atMost: 3000 }),
  hubOnly('cold start', 'gateway_ms', 'gateway', MS, { atMost: 1000 }),
  hubOnly('cold start', 'worker_ms', 'worker', MS, { atMost: 1000 }),
  ...[10, 100, 200].map((turns) => hubOnly(`${turns} earlier turns`, 'cpu_us', 'CPU a message', 'µs')),
  ...[1, 2, 4].flatMap((count) => [
    hubOnly(`scale, ${count} workers`, 'per_second', 'answered, model takes 1 s', RATE),
    hubOnly(`scale, ${count} workers`, 'cpu_us', 'CPU a message', 'µs'),
  ]),
  hubOnly('soak', 'early_rss_mb', 'memory after a tenth', 'MB'),
  {
    ...hubOnly('soak', 'late_rss_mb', 'memory at the end', 'MB', { atMost: 1.1 }),
    against: { contestant: HUB, metric: 'early_rss_mb', by: 'ratio' },
  },
  hubOnly('soak', 'unanswered', 'accepted and not answered', '', { atMost: 0 }),
];
