import { HUB_SPLIT, SPLIT_WORKLOAD } from '../../contestants/index.ts';
import type { Run } from '../run.ts';
import { type Figures, markOf } from './figures.ts';
import { markdownTable } from './markdown-table.ts';
import { obstaclesOf } from './obstacles.ts';
import { commandTable, contestantTable, phaseTable, restTable, targetTable } from './tables.ts';
import type { Language } from './words.ts';

/** docs/performance.md or its Chinese twin: every number comes from the runs. */
export function pageOf(language: Language, figures: Figures): string {
  const sections = language === 'en' ? english(figures) : chinese(figures);
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function english(figures: Figures): string[] {
  const obstacles = obstaclesOf('en', figures);
  return [
    '# Performance',
    '[中文](performance.zh-CN.md)',
    `\`npm run bench\` measures the hub beside the least code that could do the job and beside frameworks for bots, on one machine in
one run: load generator, model stub, platform stub, Redis, Postgres and the hub included. It takes ten minutes, \`--quick\` two;
\`--profile\` shows where the time of one message goes, \`--soak\` sends a million messages, \`--help\` tells the rest.`,
    `Everything is switched on in the hub: dedupe, mailbox, limits at every level, a budget with a priced model, masks, keywords,
rules, transcripts, timeline, ledger, metrics, logs.`,
    `Everybody who is compared is started and warmed up once, then asked in turn, round by round, each time in another order. Values are
medians of the rounds with the lowest and the highest; a comparison is made within each round, and its median counts. CPU time includes
what is done after the answer. What other programs used of the machine meanwhile is measured, too.`,
    `This page and its plots are written by \`npm run bench -- --docs\` from [performance.json](performance.json), where all figures of
these runs stand:`,
    figures.published.runs.map((run, index) => runText('en', run, index)).join('\n'),
    '## Targets',
    targetTable('en', figures),
    `Sessions keep 200 turns at most (\`session.turns\`), so of a thousand earlier ones 200 are sent. Slack lets one bot send ten messages a
second, so a hundred channels are the fewest that show what a message costs. Nothing may grow by more than a tenth, which is what
such a measurement can tell.`,
    '## Slack, beside floors and peers',
    contestantTable('en', figures, ['Slack', SPLIT_WORKLOAD]),
    plots('Answered a second', 'Asked to answered', 'CPU time a message'),
    `\`node:http + HMAC + XADD\` answers nobody; it is what an acknowledgement costs at least. Both BullMQ pipelines keep what they
acknowledged, and nothing else: no order, no limits, no memory, no records. \`@slack/bolt\` and \`telegraf\` forget at a restart what
they acknowledged. All of them are one process; the hub is measured as one, too (\`parley start\`), and as it runs in production,
with a gateway and a worker, which share the two cores with everything else.`,
    '## Where the time of one message goes',
    `CPU time of the hub (\`parley start\`) by part, from a profile at its highest rate; what Node itself does is counted where it was called
from. The profiler makes everything slower; the shares count.`,
    phaseTable('en', figures),
    `A message waits for ${figures.of('Redis, slack', 'trips_ack')} answer of Redis until it is acknowledged and for ${figures.of('Redis, slack', 'trips_end')} in sequence until the reply is sent,
counted by making Redis late. It sends Redis ${figures.of('Redis, slack', 'commands')} commands, ${figures.of('Redis, slack', 'scripts')} of them scripts:`,
    commandTable('en', figures),
    obstacles === '' ? '' : `## What stands in the way\n\nSome targets do not hold:\n\n${obstacles}`,
    '## Capacity guide',
    capacityTable('en', figures),
    `For n answered messages a second plan n ÷ (figure above) cores for the hub and n × Redis' time for Redis, which has one core; then as
much again for bursts. A backlog is bounded by \`PARLEY_MAX_BACKLOG\`: 100,000 messages are some ${figures.of('backlog', 'bytes_each', { times: 0.1 })} MB.
How to measure your own: [capacity](operations/capacity.md).`,
    '## All other figures',
    restTable('en', figures),
  ];
}

function chinese(figures: Figures): string[] {
  const obstacles = obstaclesOf('zh', figures);
  return [
    '# 性能',
    '[English](performance.md)',
    `\`npm run bench\` 在同一台机器的同一次运行中，把 Parley 与“完成同样工作的最少代码”以及常见机器人框架放在一起测量，负载发生器、模型桩、平台桩、
Redis、Postgres 与 Parley 都在这台机器上。完整运行约十分钟，\`--quick\` 约两分钟；\`--profile\` 显示一条消息的时间花在哪里，\`--soak\` 发送一百万条
消息，其余见 \`--help\`。`,
    '测量时 Parley 的功能全部打开：去重、信箱、各级限额、带价格模型的预算、掩码、关键词、规则、对话记录、时间线、账本、指标、日志。',
    `参与比较的程序各启动并预热一次，然后逐轮轮流接受负载，每轮顺序不同。数值为各轮的中位数及最低、最高值；对比在每一轮内进行，取其中位数。CPU 时间包括
回答之后的工作。同时测量其他程序占用机器的情况。`,
    `本页及其中的图由 \`npm run bench -- --docs\` 根据 [performance.json](performance.json) 生成，其中有以下运行的全部数据：`,
    figures.published.runs.map((run, index) => runText('zh', run, index)).join('\n'),
    '## 目标',
    targetTable('zh', figures),
    `会话最多保留 200 轮（\`session.turns\`），因此一千轮历史中发送 200 轮。Slack 允许一个机器人每秒发送十条消息，因此至少需要一百个渠道才能看出一条消息的成本。
“不增长”以十分之一为界，这是这种测量能够分辨的程度。`,
    '## Slack：与最少代码及同类比较',
    contestantTable('zh', figures, ['Slack', SPLIT_WORKLOAD]),
    plots('每秒回答数', '从提问到回答', '每条消息的 CPU 时间'),
    `\`node:http + HMAC + XADD\` 不回答任何人，只表示一次确认的最低成本。两个 BullMQ 流水线只保证已确认的消息不丢，没有顺序、限额、上下文和记录。
\`@slack/bolt\` 与 \`telegraf\` 重启后会忘记已确认的消息。它们都是单进程；Parley 既按单进程（\`parley start\`）测量，也按生产方式（网关与 worker 各一个进程）
测量，后者与其他一切共用两个核心。`,
    '## 一条消息的时间花在哪里',
    `Parley（\`parley start\`）各部分的 CPU 时间，取自最高速率下的性能剖析；Node 自身的时间计入调用它的部分。剖析本身使一切变慢，请看各部分的比例。`,
    phaseTable('zh', figures),
    `一条消息到确认为止等待 Redis ${figures.of('Redis, slack', 'trips_ack')} 次，到发出回复为止依次等待 ${figures.of('Redis, slack', 'trips_end')} 次（通过推迟 Redis 的回答测得）。它向 Redis 发送
${figures.of('Redis, slack', 'commands')} 个命令，其中脚本 ${figures.of('Redis, slack', 'scripts')} 个：`,
    commandTable('zh', figures),
    obstacles === '' ? '' : `## 差距在哪里\n\n部分目标没有达到：\n\n${obstacles}`,
    '## 容量参考',
    capacityTable('zh', figures),
    `每秒 n 条回答需要 n ÷（上面的数值）个核心，Redis 另需 n × 其每条时间，且只能使用一个核心；再留一倍余量应对突发。积压由 \`PARLEY_MAX_BACKLOG\` 限制：
100,000 条消息约 ${figures.of('backlog', 'bytes_each', { times: 0.1 })} MB。如何测量自己的系统：[容量](operations/capacity.zh-CN.md)。`,
    '## 其他数据',
    restTable('zh', figures),
  ];
}

function plots(rate: string, end: string, cpu: string): string {
  return [
    `![${rate}](images/bench-slack-rate.svg)`,
    `![${end}](images/bench-slack-end.svg)`,
    `![${cpu}](images/bench-slack-cpu.svg)`,
  ].join('\n\n');
}

/** One run as an item of a list: when, where, how quiet, and what it could not measure. */
function runText(language: Language, run: Run, index: number): string {
  const { machine, startedAt, size, only, seconds, steps } = run;
  const when = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const others = Math.max(0, ...steps.map(({ otherCores }) => otherCores ?? 0)).toFixed(2);
  const failed = steps.filter((step) => step.failed).map(({ name }) => name);
  const minutes = (seconds / 60).toFixed(1);
  const mark = markOf(index);
  const computer = `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}`;
  if (language === 'en') {
    const what = only ? `${size}, only ${only.join(', ')}` : size;
    const missing = failed.length > 0 ? ` Not (wholly) measured: ${failed.join(', ')}.` : '';
    return `- ${mark ? `${mark} ` : ''}${when}, ${what}, ${minutes} min; ${computer}; load average before ${machine.load}, other programs used up to ${others} cores.${missing}`;
  }
  const kind = { full: '完整', quick: '快速', soak: '长时间运行' }[size];
  const what = only ? `${kind}，仅 ${only.join('、')}` : kind;
  const missing = failed.length > 0 ? `未（完全）测量：${failed.join('、')}。` : '';
  return `- ${mark ? `${mark} ` : ''}${when}，${what}，${minutes} 分钟；${computer}；运行前平均负载 ${machine.load}，其他程序最多占用 ${others} 个核心。${missing}`;
}

function capacityTable(language: Language, figures: Figures): string {
  const cpu = figures.value('Slack', 'cpu_us');
  const perCore = cpu === undefined ? '—' : String(Math.round(1e6 / cpu));
  const own = figures.of('Slack', 'cpu_us');
  const redis = figures.of('Slack', 'redis_cpu_us');
  const split = figures.of(SPLIT_WORKLOAD, 'cpu_us', { contestant: HUB_SPLIT });
  const chatter = figures.of('not for the bot', 'cpu_us');
  const api = figures.of('chat API streamed ×32', 'cpu_us');
  const bytes = figures.of('backlog', 'bytes_each');
  const streamCpu = figures.value('1,000 streams', 'cpu_us');
  const streams = streamCpu === undefined ? '—' : String(Math.round(STREAM_SECONDS * (1e6 / streamCpu)));
  const stream = figures.of('1,000 streams', 'cpu_us');
  const left = figures.of('Redis, slack', 'left_bytes');
  const lines =
    language === 'en'
      ? [
          [
            'Answered messages a second and core of the hub',
            `${perCore} (${own} µs each); Redis beside it ${redis} µs each`,
          ],
          ['Gateway and worker as processes of their own', `${split} µs each, both together`],
          ['A group message that is not for the bot', `${chatter} µs, and nothing of Redis`],
          ['A streamed answer of the chat API', `${api} µs`],
          ['A waiting message in Redis', `${bytes} bytes`],
          ['A finished conversation of four turns in Redis', `${left} bytes, until its time is over`],
          [
            "Streams of 50 tokens a second that one worker's core shows at once",
            `${streams} (${stream} µs for an answer of 200 tokens)`,
          ],
          ['Conversations a worker holds while a model thinks', '`PARLEY_WORKER_CONCURRENCY`; waiting costs no CPU'],
        ]
      : [
          ['每个核心每秒可回答的消息', `${perCore}（每条 ${own} µs）；Redis 另需每条 ${redis} µs`],
          ['网关与 worker 分为两个进程', `两者合计每条 ${split} µs`],
          ['一条与机器人无关的群消息', `${chatter} µs，不用 Redis`],
          ['对话 API 的一个流式回答', `${api} µs`],
          ['一条等待中的消息占用 Redis', `${bytes} 字节`],
          ['一个结束的四轮会话占用 Redis', `${left} 字节，直到过期`],
          ['一个 worker 核心可同时展示的流（每秒 50 个 token）', `${streams}（200 个 token 的回答 ${stream} µs）`],
          ['模型思考时 worker 保持的会话', '`PARLEY_WORKER_CONCURRENCY`；等待不占 CPU'],
        ];
  return markdownTable(language === 'en' ? ['What', 'Figure'] : ['项目', '数值'], lines, []);
}

/** How long the model takes for an answer of the streams. */
const STREAM_SECONDS = 4;
