import { HUB, HUB_SPLIT, PROXY, QUEUE_UNDICI, RAW_HMAC, SPLIT_WORKLOAD } from '../../contestants/index.ts';
import type { Row } from '../rows.ts';
import { figure } from '../table.ts';
import type { Figures } from './figures.ts';
import { type Language, wordIn } from './words.ts';

/** What stands in the way of a target that does not hold, said with the figures of the run. */
interface Obstacle {
  isMissed(row: Row): boolean;
  say(figures: Figures, language: Language): string;
}

/** One line for every group of targets that do not hold; empty when all of them do. */
export function obstaclesOf(language: Language, figures: Figures): string {
  const missed = figures.rows.filter(({ target }) => target && !target.met);
  return OBSTACLES.filter(({ isMissed }) => missed.some(isMissed))
    .map(({ say }) => `- ${say(figures, language)}`)
    .join('\n');
}

const SLACK = 'Slack';
const CHATTER = 'not for the bot';
const STREAMS = '1,000 streams';

const OBSTACLES: Obstacle[] = [
  {
    isMissed: ({ workload, what }) => workload === SLACK && what === 'highest rate',
    say(figures, language) {
      const own = figures.of(SLACK, 'cpu_us');
      const lean = figures.of(SLACK, 'cpu_us', { contestant: QUEUE_UNDICI.name });
      const most = mostExpensive(figures, language);
      return language === 'en'
        ? `**Rate.** A message costs ${own} µs of the hub's process and ${lean} µs of the lean pipeline's.${most && ` The largest parts, by the profile: ${most}.`}`
        : `**速率**：一条消息在 Parley 进程中花费 ${own} µs，在最少流水线中为 ${lean} µs。${most && `按剖析占比最大的是：${most}。`}`;
    },
  },
  {
    isMissed: ({ workload, what }) => workload === SLACK && /^(ack|answered) p/.test(what),
    say(figures, language) {
      const busy = figures.of(SLACK, 'cpu_us', { times: 200 / 10_000 });
      const call = figures.of(SLACK, 'first_call_p50');
      const send = figures.of(SLACK, 'last_send_p50');
      const apart = figures.value(SPLIT_WORKLOAD, 'ack_p50', HUB_SPLIT);
      // Said where it helps: on two cores that everything shares it need not.
      const split = apart !== undefined && apart < (figures.value(SLACK, 'ack_p50') ?? 0) ? apart : undefined;
      const own = figures.of(SLACK, 'ack_p50');
      return language === 'en'
        ? `**Acknowledgement and answer times.** One thread takes messages in and answers them. At 200/s it is busy for some ${busy} % of the time, so an event waits for answers that are being worked on: ${call} ms go by until the model is called, ${send} ms between its last word and the reply.${split === undefined ? '' : ` With gateway and worker as two processes the acknowledgement takes ${figure(split)} ms instead of ${own}.`}`
        : `**确认与回答时间**：同一个线程既接收又回答。200/s 时它约 ${busy} % 的时间在忙，事件要等正在处理的回答：到调用模型为止 ${call} ms，从最后一个 token 到回复 ${send} ms。${split === undefined ? '' : `网关与 worker 分成两个进程时，确认为 ${figure(split)} ms 而不是 ${own} ms。`}`;
    },
  },
  {
    isMissed: ({ workload }) => workload === CHATTER,
    say(figures, language) {
      const own = figures.of(CHATTER, 'cpu_us');
      const floor = figures.of(CHATTER, 'cpu_us', { contestant: RAW_HMAC.name });
      return language === 'en'
        ? `**Not for the bot.** Router, verification, parsing to a message, trigger and metrics take ${own} µs where HMAC and JSON alone take ${floor}.`
        : `**与机器人无关的消息**：路由、校验、解析成消息、触发规则和指标共 ${own} µs，只做 HMAC 与 JSON 为 ${floor} µs。`;
    },
  },
  {
    isMissed: ({ workload }) => workload.startsWith('chat API'),
    say(figures, language) {
      const cost = (kind: string, contestant?: string) =>
        figures.of(`chat API ${kind} ×32`, 'cpu_us', contestant === undefined ? {} : { contestant });
      const [plain, streamed] = [cost('plain'), cost('streamed')];
      const [proxyPlain, proxyStreamed] = [cost('plain', PROXY.name), cost('streamed', PROXY.name)];
      return language === 'en'
        ? `**Chat API.** With 32 callers a request costs ${plain} µs, streamed ${streamed} µs; the proxy takes ${proxyPlain} and ${proxyStreamed}. What comes on top: key, limits, guard, token count, reservation, settlement, the turn's row and its log line.`
        : `**对话 API**：32 个调用者时每个请求 ${plain} µs，流式 ${streamed} µs；代理为 ${proxyPlain} 与 ${proxyStreamed} µs。多出的部分：密钥、限额、护栏、token 计数、预留、结算、轮次行和日志行。`;
    },
  },
  {
    isMissed: ({ workload }) => workload === STREAMS,
    say(figures, language) {
      const cost = figures.of(STREAMS, 'cpu_us', { times: 1 / 1000 });
      const cores = figures.of(STREAMS, 'cpu_us', { times: 1 / 4000 });
      return language === 'en'
        ? `**1,000 streams.** An answer of 200 tokens costs ${cost} ms of CPU with its previews; a thousand of them in the four seconds that they take ask for ${cores} cores, and a process has one. Spread them over workers.`
        : `**1,000 路流式**：一个 200 token 的回答连同预览需要 ${cost} 毫秒 CPU；一千个回答在四秒内需要 ${cores} 个核心，而一个进程只有一个。请分给多个 worker。`;
    },
  },
  {
    isMissed: ({ workload }) => workload.startsWith('Redis'),
    say: (_, language) =>
      language === 'en'
        ? '**Redis.** What a message asks of it stands above, by command.'
        : '**Redis**：每条消息的命令见上表。',
  },
  {
    isMissed: ({ workload }) => workload === 'cold start',
    say(figures, language) {
      const [gateway, worker] = [figures.of('cold start', 'gateway_ms'), figures.of('cold start', 'worker_ms')];
      return language === 'en'
        ? `**Cold start.** A gateway takes ${gateway} ms and a worker ${worker} ms, Node's own start and the loading of all code included. The benchmark does not divide it further.`
        : `**冷启动**：gateway ${gateway} 毫秒，worker ${worker} 毫秒，包括 Node 自身启动与加载全部代码。基准测试没有进一步细分。`;
    },
  },
  {
    isMissed: ({ workload, compared }) => /tenant|earlier turns|backlog/.test(workload) && compared !== undefined,
    say: (_, language) =>
      language === 'en'
        ? '**Growth.** These rows are short measurements; on a machine whose other rows spread as widely, run `--only growth,history,backlog` again before looking for a reason.'
        : '**随规模增长**：这些行都是短时间的测量；如果其他行的波动也这么大，请先再次运行 `--only growth,history,backlog`。',
  },
];

const TOLD = 4;

function mostExpensive({ rows }: Figures, language: Language): string {
  const phases = rows
    .filter(
      ({ workload, contestant, what }) => workload === 'one message' && contestant === HUB && what !== 'CPU in all',
    )
    .sort((one, other) => other.value.median - one.value.median)
    .slice(0, TOLD)
    .map(({ what, value }) => `${wordIn(language, what)} ${Math.round(value.median)} µs`);
  return phases.join(language === 'en' ? ', ' : '、');
}
