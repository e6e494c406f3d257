import { HUB, QUEUE_UNDICI } from '../contestants/index.ts';
import { ELSEWHERE, PHASES } from '../measure/cpu-profile.ts';
import { growthName, SIZES_OF_GROWTH, SMALLEST } from '../workloads/growth.ts';
import { HISTORIES, historyName } from '../workloads/history.ts';
import type { Bound, RowSpec } from './rows.ts';

const MS = 'ms';
const RATE = '/s';
const US = 'µs';
const REDIS = 'Redis, slack';
const STREAMS = '1,000 streams';
/** As near to "the same" as a measurement of some seconds can tell. */
const NO_MORE: Bound = { atMost: 1.1 };

function hubOnly(workload: string, metric: string, what: string, unit: string, target?: Bound): RowSpec {
  const row = { workload, contestant: HUB, metric, what, unit };
  return target ? { ...row, target } : row;
}

function trips(contestant: string, isJudged: boolean): RowSpec[] {
  const row = { workload: REDIS, contestant, unit: '' };
  return [
    { ...row, metric: 'trips_ack', what: 'round trips until acknowledged' },
    { ...row, metric: 'trips_end', what: 'round trips until answered', ...(isJudged && { target: { atMost: 4 } }) },
  ];
}

const redisSpecs: RowSpec[] = [
  hubOnly(REDIS, 'commands', 'commands a message', '', { atMost: 12 }),
  hubOnly(REDIS, 'scripts', 'of these scripts', ''),
  ...trips(QUEUE_UNDICI.name, false),
  ...trips(HUB, true),
  hubOnly(REDIS, 'left_keys', 'keys a finished conversation of 4 turns leaves', ''),
  hubOnly(REDIS, 'left_endless', 'of these without an end', '', { atMost: 0 }),
  hubOnly(REDIS, 'left_bytes', 'bytes of them', 'B'),
  hubOnly(REDIS, 'left_history_bytes', 'of these history', 'B'),
  hubOnly(REDIS, 'left_minutes', 'the rest is gone after', 'min'),
];

const profileSpecs = [
  ...[...PHASES.map(([phase]) => phase), ELSEWHERE].map((phase) => hubOnly('one message', phase, phase, US)),
  hubOnly('one message', 'cpu_us', 'CPU in all', US),
];

const streamSpecs: RowSpec[] = [
  hubOnly(STREAMS, 'loop_p99', 'event loop delay p99', MS, { atMost: 50 }),
  {
    ...hubOnly(STREAMS, 'previews_each', 'previews an answer', '', { atLeast: 0.95 }),
    against: { metric: 'allowed_previews_each', by: 'ratio', label: 'what the pace allows (20 streams)' },
  },
  hubOnly(STREAMS, 'last_send_p50', 'last token to reply p50', MS),
  hubOnly(STREAMS, 'last_send_p99', 'last token to reply p99', MS),
  hubOnly(STREAMS, 'few_last_send_p50', 'the same of 20 streams', MS),
  hubOnly(STREAMS, 'cpu_us', 'CPU an answer', US),
  hubOnly(STREAMS, 'rss_mb', 'memory', 'MB'),
  hubOnly(STREAMS, 'unanswered', 'accepted and not answered', '', { atMost: 0 }),
];

const backlogSpecs: RowSpec[] = [
  hubOnly('backlog', 'waiting', 'messages that wait', ''),
  hubOnly('backlog', 'bytes_each', 'Redis a waiting message', 'B', { atMost: 1500 }),
  hubOnly('backlog', 'first_bytes_each', 'the same of the first one in each chat', 'B'),
  hubOnly('backlog', 'published_per_second', 'taken in', RATE),
  hubOnly('backlog', 'first_cpu_us', 'CPU to take one in, Redis included, at the beginning', US),
  {
    ...hubOnly('backlog', 'last_cpu_us', 'the same at the end', US, NO_MORE),
    against: { metric: 'first_cpu_us', by: 'ratio', label: 'the beginning' },
  },
  hubOnly('backlog', 'drained_per_second', 'drained by one worker of 512 conversations', RATE),
  hubOnly('backlog', 'drain_cpu_us', "worker's CPU a message", US),
];

const historySpecs = HISTORIES.map((each): RowSpec => {
  const row = hubOnly(historyName(each), 'cpu_us', 'CPU a message', US);
  if (each.earlier === each.kept) return row;
  const alike = historyName({ earlier: each.kept, kept: each.kept });
  return { ...row, against: { workload: alike, by: 'ratio', label: alike }, target: NO_MORE };
});

const growthSpecs = SIZES_OF_GROWTH.flatMap((size): RowSpec[] => {
  const workload = growthName(size);
  const own = hubOnly(workload, 'cpu_us', 'CPU a message', US);
  const redis = hubOnly(workload, 'redis_cpu_us', "Redis' CPU a message", US);
  if (size === SMALLEST) return [own, redis];
  const than = { workload: growthName(SMALLEST), by: 'ratio' as const, label: growthName(SMALLEST) };
  return [
    { ...own, against: than, target: NO_MORE },
    { ...redis, against: than, target: NO_MORE },
  ];
});

const soakSpecs: RowSpec[] = [
  hubOnly('soak', 'messages', 'messages', ''),
  hubOnly('soak', 'per_second', 'answered', RATE),
  hubOnly('soak', 'early_rss_mb', 'memory after a tenth', 'MB'),
  {
    ...hubOnly('soak', 'late_rss_mb', 'memory at the end', 'MB', { atMost: 1.1 }),
    against: { metric: 'early_rss_mb', by: 'ratio', label: 'after a tenth' },
  },
  hubOnly('soak', 'unanswered', 'accepted and not answered', '', { atMost: 0 }),
];

/** What is said of the hub alone. */
export const HUB_SPECS: RowSpec[] = [
  ...redisSpecs,
  ...profileSpecs,
  ...streamSpecs,
  ...backlogSpecs,
  hubOnly('cold start', 'embedded_ms', 'start, data present', MS, { atMost: 3000 }),
  hubOnly('cold start', 'gateway_ms', 'gateway', MS, { atMost: 1000 }),
  hubOnly('cold start', 'worker_ms', 'worker', MS, { atMost: 1000 }),
  ...historySpecs,
  ...growthSpecs,
  ...[1, 2, 4].flatMap((count) => [
    hubOnly(`scale, ${count} workers`, 'per_second', 'answered, model takes 1 s', RATE),
    hubOnly(`scale, ${count} workers`, 'cpu_us', 'CPU a message', US),
  ]),
  ...soakSpecs,
];
