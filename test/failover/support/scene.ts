import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createCrowd } from '../../chaos/crowd.ts';
import { createDoor } from '../../chaos/door.ts';
import { judge } from '../../chaos/judge.ts';
import { type Asked, createLedger, watchChats } from '../../chaos/ledger.ts';
import { ask } from '../../chaos/load.ts';
import { answerText, askedIn } from '../../chaos/questions.ts';
import { createRandom } from '../../chaos/random.ts';
import { recordFaults } from '../../chaos/records.ts';
import { createWorld, startHub, type TestHub, until } from '../../support/index.ts';
import { moneyFaults } from './money.ts';

export interface SceneOptions {
  /** Environment of every process: where Redis and Postgres are, and the master key. */
  env: Record<'REDIS_URL' | 'DATABASE_URL' | 'PARLEY_MASTER_KEY', string> & Record<string, string>;
  /** An empty folder for the processes' own. */
  folder: string;
}

/** A hub on several machines with people in front of it who ask all the time, while something of it fails over. */
export type Scene = Awaited<ReturnType<typeof createScene>>;

/** Divides the platforms' redelivery times, so that an outage of seconds stays within Slack's ladder. */
const SPEEDUP = 10;
const QUESTIONS_PER_SECOND = 8;
/** How long the hub may take to catch up once nothing fails any more. */
const SETTLE_LIMIT_MS = 60_000;
/** A second answer would come within this: a lock that runs out, a stalled job, the sweeper. */
const QUIET_MS = 7_000;

export async function createScene({ env, folder }: SceneOptions) {
  const ledger = createLedger();
  const world = await createWorld({
    speedup: SPEEDUP,
    model: { tokensPerSecond: 200, firstTokenMs: 100, reply: ({ messages }) => reply(messages) },
  });
  const chats = watchChats(world, ledger);
  const door = await createDoor(ledger, String(world.feishu.credentials.encrypt_key), { triesAgain: true });
  world.connect(door.url);
  const config = world.config();
  const models = config.models.map((model) => ({ ...model, max_output_tokens: 4_000 }));
  const hubs = new Set<TestHub>();
  const moments: [what: string, at: number][] = [];
  let started = 0;

  function reply(messages: { role: string; content: string }[]): string {
    const asked = messages.flatMap(({ role, content }) => (role === 'user' ? (askedIn(content) ?? []) : []));
    const marker = asked.at(-1);
    if (marker === undefined) return 'Nothing was asked.';
    if (new Set(asked).size < asked.length) ledger.historyFaults.push(`${marker}: ${asked.join(' ')}`);
    ledger.modelCalled(marker);
    return answerText(marker);
  }

  const answered = () => [...ledger.questions.values()].filter(({ completeAt }) => completeAt !== undefined);

  return {
    world,
    ledger,

    async start(role: 'gateway' | 'worker'): Promise<TestHub> {
      const name = `${role}-${++started}`;
      const dataDir = join(folder, name);
      await mkdir(dataDir);
      const own = { HOST: '127.0.0.1', ...(role === 'worker' ? { PARLEY_WORKER_PORT: '0' } : {}) };
      const hub = await startHub({ role, config: { ...config, models }, env: { ...env, ...own }, dataDir });
      hubs.add(hub);
      if (role === 'gateway') door.open(name, hub.url);
      hub.process.once('exit', () => {
        hubs.delete(hub);
        door.shut(name);
      });
      return hub;
    },

    /** People ask until `meanwhile` has come to its end, and a little longer; resolves when all is answered and quiet. */
    async play(meanwhile: () => Promise<void>): Promise<void> {
      let goOn = true;
      const stop = new AbortController();
      const load = ask({
        crowd: createCrowd(world, ledger, 1),
        ledger,
        random: createRandom(1),
        questions: 1,
        goOn: () => goOn,
        durationMs: 1000 / QUESTIONS_PER_SECOND,
        signal: stop.signal,
      });
      try {
        await until('the first answers', () => answered().length >= 5);
        await meanwhile();
        const before = answered().length;
        await until('answers afterwards', () => answered().length >= before + 10, SETTLE_LIMIT_MS);
      } finally {
        goOn = false;
        stop.abort();
        await load;
      }
      const settled = () => ledger.outstanding().length === 0 && Date.now() - chats.lastChangeAt() > QUIET_MS;
      await until('quiet', settled, SETTLE_LIMIT_MS).catch(() => undefined); // what is missing is told by `faults`
    },

    /** How many questions were asked and answered since the first one. */
    counts: () => ({ asked: ledger.questions.size, answered: answered().length }),

    /** Questions whose platform was told that the hub has them, and that nobody ever answered. */
    lostAfterAcknowledgement: (): Asked[] => ledger.outstanding().filter(({ acceptedAt }) => acceptedAt !== undefined),

    /** All that people, or the database, would complain about. */
    async faults(): Promise<string[]> {
      const { findings, strays, openStreams } = judge(world, ledger);
      return [
        ...findings.map(({ marker, platform, fault }) => `${marker} on ${platform}: ${fault}`),
        ...strays.map(({ platform, chat, text }) => `stray on ${platform} in ${chat}: ${text}`),
        ...openStreams.map(({ platform, chat }) => `stuck stream on ${platform} in ${chat}`),
        ...ledger.historyFaults.map((fault) => `history: ${fault}`),
        ...(await recordFaults(env.DATABASE_URL, env.PARLEY_MASTER_KEY, ledger)),
        ...(await moneyFaults(env.DATABASE_URL)),
      ];
    },

    /** Deliveries that the hub did not take at once, by status; 0 and 502: it did not answer. */
    refusals: () =>
      world.platforms
        .flatMap(({ deliveries }) => deliveries)
        .map(({ status }) => status)
        .filter((status) => status < 200 || status > 299),

    /** Writes down when something happened, for `figures`. */
    note: (what: string) => void moments.push([what, Date.now()]),

    /**
     * What the documentation tells in numbers; printed where `PARLEY_TEST_FIGURES` is set. A question that was refused
     * comes again when its platform's ladder says so, which is told apart from when the hub took webhooks again.
     */
    tell(name: string): void {
      if (!process.env.PARLEY_TEST_FIGURES) return;
      const [[, from] = ['', 0]] = moments;
      const second = (time: number | undefined) =>
        time === undefined ? 'never' : `${((time - from) / 1000).toFixed(1)} s`;
      const deliveries = world.platforms.flatMap((platform) => platform.deliveries).filter(({ at }) => at > from);
      const isTaken = ({ status }: { status: number }) => status >= 200 && status < 300;
      const refused = deliveries.filter((one) => !isTaken(one)).map(({ at }) => at);
      const firstRefused = Math.min(...refused);
      const taken = deliveries.filter((one) => isTaken(one) && one.at > firstRefused).map(({ at }) => at);
      const questions = [...ledger.questions.values()];
      const askedUntil = Math.max(...questions.map(({ askedAt }) => askedAt));
      const answers = answered()
        .map(({ completeAt = 0 }) => completeAt)
        .filter((at) => at > from && at <= askedUntil);
      const waits = questions.map(({ firstTriedAt = 0, acceptedAt = 0 }) => acceptedAt - firstTriedAt);
      const parts = [
        `${questions.length} questions, ${refused.length} deliveries refused`,
        ...moments.map(([what, time]) => `${what} ${second(time)}`),
        `first refused ${second(refused.length > 0 ? firstRefused : undefined)}, last ${second(refused.length > 0 ? Math.max(...refused) : undefined)}`,
        `taken again ${second(taken.length > 0 ? Math.min(...taken) : undefined)}`,
        `longest time without an answer while people asked ${(longestGap([from, ...answers]) / 1000).toFixed(1)} s`,
        `longest wait for a platform's next delivery ${(Math.max(...waits) / 1000).toFixed(1)} s (its ladder ÷ ${SPEEDUP})`,
      ];
      process.stdout.write(`${name}: ${parts.join('; ')}\n`);
    },

    async stop(): Promise<void> {
      await Promise.all([...hubs].map((hub) => hub.kill()));
      chats.stop();
      await door.close();
      await world.close();
    },
  };
}

function longestGap(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.slice(1).map((at, i) => at - (sorted[i] as number)));
}
