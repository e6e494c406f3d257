import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashPoint } from '@parley/core/telemetry';
import type { PlatformSimulator } from '@parley/simulators';
import type { World } from '../support/index.ts';
import type { Crowd } from './crowd.ts';
import type { Deployment } from './deployment.ts';
import { PLATFORMS } from './ledger.ts';
import type { Random } from './random.ts';
import type { Kills } from './recovery.ts';
import type { Slot } from './supervisor.ts';

export const CRASH_POINTS: readonly CrashPoint[] = [
  'gateway:published',
  'gateway:woken',
  'worker:claimed',
  'worker:stream_started',
  'worker:previewed',
  'worker:answered',
  'worker:recorded',
  'worker:sending',
  'worker:sent',
  'worker:part_recorded',
  'worker:completed',
];

export type FaultKind = KillKind | WeatherKind | `crash at ${CrashPoint}`;
/** Faults that end processes. */
export type KillKind = 'kill worker' | 'kill gateway' | 'kill hub' | 'kill redis';
/** Faults that nobody dies of. */
export type WeatherKind = (typeof WEATHER)[number];
export const WEATHER = [
  'freeze redis',
  'freeze worker',
  'cut before',
  'cut after',
  'throttle',
  'duplicate',
  'delay',
  'reorder',
] as const;

export interface FaultContext {
  world: World;
  crowd: Crowd;
  deployment: Deployment;
  random: Random;
  kills: Kills;
  /** Resolves when no question is on a platform's redelivery ladder: it must not run out in the next outage. */
  intakeIsWell(): Promise<void>;
  /** Processes that another fault is busy with. */
  busy: Set<Slot>;
  note(what: string): void;
}

/** Longer than a conversation stays with a worker that gives no sign of life, so that another takes it over. */
const FREEZE_WORKER_MS = [11_000, 15_000] as const;
const CRASH_LIMIT_MS = 25_000;
/** Status of a call whose caller had no answer. */
const CUT = 0;
/** What sends or shows something; reading and tokens are left alone. */
const SENDING = /^(chat\.|send|edit|im\.message\.(create|reply|patch|update)|cardkit)/i;

/** Plays one fault; resolves when it is over and everything it stopped goes on. */
export async function play(kind: FaultKind, context: FaultContext): Promise<void> {
  const { deployment, random, kills, intakeIsWell, note } = context;
  note(kind);
  if (kind.startsWith('crash at ')) return crashAt(kind.slice('crash at '.length) as CrashPoint, context);
  switch (kind) {
    case 'kill worker':
    case 'kill gateway':
      return withSlot(kind === 'kill worker' ? 'worker' : 'gateway', context, async (slot) => {
        if (slot.role === 'start') await intakeIsWell();
        await slot.up();
        kills.happened(kind, slot);
        await slot.kill();
      });
    case 'kill hub':
      await intakeIsWell();
      await Promise.all(deployment.slots.map((slot) => slot.up()));
      kills.happened(kind, 'hub');
      await Promise.all(deployment.slots.map((slot) => slot.kill()));
      return;
    case 'kill redis':
      await intakeIsWell();
      kills.happened(kind, 'redis');
      return deployment.redis.crash(random.between(300, 2_500));
    case 'freeze redis':
      await intakeIsWell();
      kills.froze(kind, 'redis');
      return deployment.redis.freeze?.(random.between(1_000, 5_000));
    case 'freeze worker':
      return withSlot('worker', context, (slot) => freeze(slot, random.between(...FREEZE_WORKER_MS), kills));
    default:
      return weather(kind as WeatherKind, context);
  }
}

/** Restarts a process so that it dies at a named step, and lets it be restarted without. */
async function crashAt(point: CrashPoint, context: FaultContext): Promise<void> {
  const { random, kills, intakeIsWell, note } = context;
  const isRare = point === 'worker:part_recorded';
  const count = isRare ? 1 : random.between(1, 3);
  await withSlot(point.startsWith('gateway') ? 'gateway' : 'worker', context, async (slot) => {
    if (slot.role === 'start') await intakeIsWell();
    await slot.up();
    kills.happened(`restart for ${point}`, slot);
    const { ended } = await slot.kill({ PARLEY_TEST_CRASH_AT: `${point}:${count}` });
    if (isRare) await askForParts(context, slot);
    const died = await Promise.race([ended.then(() => true), sleep(CRASH_LIMIT_MS, false, { ref: false })]);
    if (died) return kills.happened(`crash at ${point}`, slot);
    note(`${point} was not reached`);
    await slot.kill();
  });
}

/** Lets people ask what needs several messages, often enough that this worker gets one of the answers. */
async function askForParts({ crowd, deployment, random }: FaultContext, slot: Slot): Promise<void> {
  await slot.up();
  const telegram = crowd.chats.filter(
    ({ platform, kind, busy }) => platform === 'telegram' && kind === 'direct' && !busy,
  );
  for (const chat of random.shuffle(telegram).slice(0, 2 * deployment.slots.length)) await crowd.askAtLength(chat);
}

async function freeze(slot: Slot, ms: number, kills: Kills): Promise<void> {
  const { process } = await slot.up();
  kills.froze('freeze worker', slot);
  process.kill('SIGSTOP');
  await sleep(ms);
  process.kill('SIGCONT');
}

/** Runs something with a process of that role that no other fault is busy with; not at all when there is none. */
async function withSlot(
  role: 'gateway' | 'worker',
  { deployment, random, busy, note }: FaultContext,
  work: (slot: Slot) => Promise<void>,
): Promise<void> {
  const free = deployment.slots.filter((slot) => (slot.role === role || slot.role === 'start') && !busy.has(slot));
  if (free.length === 0) return note('(nobody free)');
  const slot = random.pick(free);
  busy.add(slot);
  note(`  ${slot.name}`);
  await work(slot).finally(() => busy.delete(slot));
}

/** What the network and the platforms do. */
async function weather(kind: WeatherKind, { world, random, kills }: FaultContext): Promise<void> {
  const name = random.pick(PLATFORMS);
  const platform: PlatformSimulator = world[name];
  const times = random.between(1, 4);
  switch (kind) {
    case 'cut before':
    case 'cut after': {
      const from = Date.now();
      const action = { kind: 'cut', when: kind === 'cut before' ? 'before' : 'after' } as const;
      await during(10_000, platform.misbehave({ method: SENDING, times, action }));
      const cut = platform.calls.filter(({ at, status }) => at >= from && status === CUT);
      for (const { at } of cut) kills.unreachable({ platform: name, from: at, until: at });
      return;
    }
    case 'throttle': {
      const lastsMs = random.between(2_000, 6_000);
      const retryAfterSeconds = random.between(1, 3);
      const from = Date.now();
      kills.unreachable({ platform: name, from, until: from + lastsMs + retryAfterSeconds * 1_000 });
      return during(
        lastsMs,
        platform.misbehave({ method: SENDING, action: { kind: 'rate_limit', retryAfterSeconds } }),
      );
    }
    case 'duplicate':
      return during(20_000, platform.disturb({ times: times * 5, action: { kind } }));
    case 'delay':
      return during(20_000, platform.disturb({ times: times * 3, action: { kind, ms: random.between(200, 2_500) } }));
    case 'reorder':
      return during(20_000, platform.disturb({ times, action: { kind } }));
    default:
      throw new Error(`unknown weather ${kind}`);
  }
}

async function during(ms: number, stop: () => void): Promise<void> {
  await sleep(ms);
  stop();
}
