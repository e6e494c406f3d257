import { setTimeout as sleep } from 'node:timers/promises';
import { createWorld, type World } from '../support/index.ts';
import { createCrowd } from './crowd.ts';
import { type Deployment, deployRoles, deployWhole } from './deployment.ts';
import { planFaults, playFaults } from './director.ts';
import { createDoor, type Door } from './door.ts';
import { type Evidence, evidenceFor, type ProcessLog } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import { createLedger, type Ledger, watchChats } from './ledger.ts';
import { ask } from './load.ts';
import { answerText, askedIn } from './questions.ts';
import { createRandom } from './random.ts';
import { recordFaults } from './records.ts';
import { createKills, type Kills } from './recovery.ts';
import { readTurnRecords, type TurnRecords } from './turn-records.ts';

export interface ChaosOptions {
  questions: number;
  kills: number;
  seed: number;
  /** How long the load lasts at best; starting and settling come on top. */
  minutes: number;
  /** Share of it that goes to `parley start`, the rest to separate gateways and workers. */
  wholeShare?: number;
  /** How long nothing must have happened at the end before it is judged; default 20 s. */
  quietMs?: number;
  say?: (line: string) => void;
  /** Ends the run early; what was asked until then is judged. */
  signal?: AbortSignal;
}

export interface ChaosReport {
  options: Omit<ChaosOptions, 'say' | 'signal'>;
  ledger: Ledger;
  kills: Kills;
  verdict: Verdict;
  /** Deliveries that a platform gave up: where a question is lost besides, its ladder was too short for the outages. */
  givenUp: number;
  /** What is wrong with the rows in the database. */
  records: string[];
  evidence: Evidence[];
  /** What was done when, as it was printed. */
  events: string[];
}

/** Divides the platforms' redelivery times: a minute becomes six seconds. Slack's ladder still spans more than half a minute. */
const SPEEDUP = 10;
/** How long the hub may take to catch up once nothing breaks any more. */
const SETTLE_LIMIT_MS = 90_000;
/** All that could still bring a second answer (a lock that runs out, a stalled job, the sweeper) happens within this. */
const QUIET_MS = 20_000;
const LADDER_LIMIT_MS = 60_000;
const LAST_ATTEMPT = { slack: 4, feishu: 5, telegram: Number.POSITIVE_INFINITY };
const CHATS_PER_PHASE = 1_000;

/** Runs the load and breaks things meanwhile; resolves with what became of every question. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const events: string[] = [];
  const began = Date.now();
  const note = (line: string) => {
    events.push(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} ${line}`);
    options.say?.(events.at(-1) as string);
  };
  const ledger = createLedger();
  const world = await createWorld({
    speedup: SPEEDUP,
    model: {
      tokensPerSecond: 150,
      firstTokenMs: 150,
      reply: ({ messages }) => reply(messages, ledger, stage.turnRecords),
    },
  });
  const chats = watchChats(world, ledger);
  const kills = createKills(ledger, world.openai.requests);
  const door = await createDoor(ledger, String(world.feishu.credentials.encrypt_key));
  world.connect(door.url);
  const stage: Stage = {
    options,
    world,
    door,
    ledger,
    kills,
    note,
    lastChangeAt: chats.lastChangeAt,
    logs: [],
    records: [],
  };
  try {
    const whole = options.wholeShare ?? 0.25;
    if (whole < 1) await playPhase(stage, deployRoles, 1 - whole, 1);
    if (whole > 0 && !options.signal?.aborted) await playPhase(stage, deployWhole, whole, 1 + CHATS_PER_PHASE);
    const verdict = judge(world, ledger);
    const { say: _say, signal: _signal, ...given } = options;
    return {
      options: given,
      ledger,
      kills,
      verdict,
      givenUp: world.platforms.reduce((sum, platform) => sum + givenUp(platform), 0),
      records: stage.records,
      evidence: evidenceFor(verdict, world, ledger, stage.logs),
      events,
    };
  } finally {
    chats.stop();
    await door.close();
    await world.close();
  }
}

interface Stage {
  options: ChaosOptions;
  world: World;
  door: Door;
  ledger: Ledger;
  kills: Kills;
  note: (line: string) => void;
  lastChangeAt: () => number;
  logs: ProcessLog[];
  records: string[];
  turnRecords?: TurnRecords | undefined;
}

type Deploy = typeof deployRoles;

/** One way of running the hub with its share of questions and faults, to the end. */
async function playPhase(stage: Stage, deploy: Deploy, share: number, firstChat: number): Promise<void> {
  const { options, world, door, ledger, kills, note } = stage;
  const random = createRandom(options.seed).fork(`from chat ${firstChat}`);
  const durationMs = options.minutes * 60_000 * share;
  const deployment = await deploy({ config: configOf(world), door });
  note(`${deployment.name}: ready`);
  stage.turnRecords = deployment.redisUrl === undefined ? undefined : readTurnRecords(deployment.redisUrl);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const progress = setInterval(() => note(progressOf(ledger, kills)), 15_000);
  try {
    const plan = planFaults(Math.round(options.kills * share), random.fork('plan'));
    const crowd = createCrowd(world, ledger, firstChat);
    const context = {
      world,
      crowd,
      deployment,
      random: random.fork('faults'),
      kills,
      busy: new Set<never>(),
      note,
      intakeIsWell: () => waitUntil(() => ledger.unaccepted(1_500).length === 0, LADDER_LIMIT_MS),
    };
    let isBreaking = true;
    const breaking = playFaults(plan, durationMs * 0.95, context, signal).finally(() => {
      isBreaking = false;
    });
    const questions = Math.round(options.questions * share);
    const goOn = () => isBreaking;
    await Promise.all([
      ask({ crowd, ledger, random: random.fork('load'), questions, goOn, durationMs, signal }),
      breaking,
    ]);
    note(`${deployment.name}: all asked, waiting until it is quiet`);
    await settle(stage, deployment);
    note(progressOf(ledger, kills));
    const { databaseUrl, masterKey } = deployment;
    if (databaseUrl && masterKey) stage.records.push(...(await recordFaults(databaseUrl, masterKey, ledger)));
  } finally {
    stop.abort();
    stage.turnRecords?.close();
    clearInterval(progress);
    for (const slot of deployment.slots) {
      stage.logs.push(...slot.troubles().map((line) => ({ ...line, process: slot.name })));
      stage.logs.push(...(slot.current()?.logs ?? []).map((line) => ({ ...line, process: slot.name })));
    }
    await deployment.stop();
  }
}

/** Answers may be long enough to need several messages. */
function configOf(world: World): ReturnType<World['config']> {
  const config = world.config();
  return { ...config, models: config.models.map((model) => ({ ...model, max_output_tokens: 4_000 })) };
}

/** Waits for the last answer, and then long enough for a second one to come. */
async function settle({ ledger, lastChangeAt, options }: Stage, { slots }: Deployment): Promise<void> {
  const quietMs = options.quietMs ?? QUIET_MS;
  await Promise.all(slots.map((slot) => slot.up()));
  await waitUntil(() => ledger.outstanding().length === 0, SETTLE_LIMIT_MS);
  await waitUntil(() => Date.now() - lastChangeAt() > quietMs, 2 * quietMs);
}

async function waitUntil(condition: () => boolean, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition() && Date.now() < deadline) await sleep(50);
}

/** The model's answer; on the way it is seen who asks what how often, and whether the conversation so far is told right. */
async function reply(
  messages: { role: string; content: string }[],
  ledger: Ledger,
  turnRecords: TurnRecords | undefined,
): Promise<string> {
  const asked = messages.flatMap(({ role, content }) => (role === 'user' ? (askedIn(content) ?? []) : []));
  const marker = asked.at(-1);
  if (marker === undefined) return 'Nothing was asked.';
  if (new Set(asked).size < asked.length) ledger.historyFaults.push(`${marker}: ${asked.join(' ')}`);
  ledger.modelCalled(marker);
  const question = ledger.questions.get(marker);
  if (question && question.modelCalls.length > 1) {
    // Redis may be away: then it is not known.
    if (await turnRecords?.isAnswered(marker).catch(() => false)) question.askedInVain = true;
  }
  return answerText(marker);
}

function progressOf(ledger: Ledger, kills: Kills): string {
  const open = ledger.outstanding();
  const oldest = open.slice(0, 5).map(({ marker, acceptedAt }) => `${marker}${acceptedAt ? '' : ' (not taken)'}`);
  const waiting = open.length > 0 ? `; waiting: ${oldest.join(' ')}${open.length > 5 ? ' …' : ''}` : '';
  return `${ledger.questions.size} asked, ${ledger.questions.size - open.length} answered, ${kills.all.filter(({ isKill }) => isKill).length} kills${waiting}`;
}

function givenUp({ platform, deliveries }: World['platforms'][number]): number {
  return deliveries.filter(({ attempt, status }) => attempt >= LAST_ATTEMPT[platform] && (status < 200 || status > 299))
    .length;
}
