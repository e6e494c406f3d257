import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUB, hub, QUEUE_SDK, QUEUE_UNDICI, RAW_XADD } from './contestants/index.ts';
import { ELSEWHERE, phasesOf } from './measure/cpu-profile.ts';
import { watchOtherWork } from './measure/machine-share.ts';
import { createCommandReader, nameOf } from './measure/redis-door.ts';
import { createResults } from './measure/results.ts';
import { quantile, spreadOf } from './measure/statistics.ts';
import { readOptions } from './options.ts';
import { planOf } from './plan.ts';
import { playAll } from './play.ts';
import { plotBars } from './report/plot.ts';
import { rowsOf } from './report/rows.ts';
import { figure, formatMarkdown, formatTable } from './report/table.ts';
import { type Stage, setStage } from './stage.ts';
import { playArena } from './workloads/arena.ts';
import { leftInRedis } from './workloads/left-in-redis.ts';
import { messageEntries } from './workloads/messages.ts';
import { costOf } from './workloads/redis-cost.ts';
import { lastReference, referenceOf } from './world/reference.ts';

describe('figures', () => {
  test('medians and quantiles', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([Number.NaN, 7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
    expect([0, 0.0123, 1.234, 1234.5].map(figure)).toEqual(['0', '0.012', '1.23', '1,235']);
  });

  test('a row is compared by its medians, and judged by the comparison', () => {
    const results = createResults();
    const rounds: [sdk: number, own: number][] = [
      [900, 990],
      [1000, 1200],
      [5000, 1500],
    ];
    rounds.forEach(([sdk, own], round) => {
      results.begin(round);
      results.add('Slack', QUEUE_SDK.name, { per_second: sdk });
      results.add('Slack', HUB, { per_second: own, unanswered: 0, ack_p50: 2 });
      // Of one round only, and not of the first: nothing of another round is compared with it.
      if (round === 1) results.add('Slack', RAW_XADD.name, { ack_p50: 1 });
    });
    const rows = rowsOf(results);
    const find = (what: string, other?: string) =>
      rows.find((row) => row.contestant === HUB && row.what === what && row.compared?.with === other);
    expect(find('highest rate')?.value).toEqual({ median: 1200, min: 990, max: 1500 });
    expect(find('highest rate', QUEUE_SDK.name)).toMatchObject({
      compared: { by: 'ratio', figure: 1.1, spread: { min: 0.3, max: 1.2 } },
      target: { text: '≥ 1×', met: true },
    });
    expect(find('ack p50 at 200/s', RAW_XADD.name)?.target).toEqual({ text: '≤ 1.5×', met: false });
    expect(results.rounds('Slack', RAW_XADD.name, 'ack_p50')).toEqual([null, 1]);
    expect(find('accepted and not answered')?.target?.met).toBe(true);
    // What was not measured is in no table, and nothing is compared with it.
    expect(rows.some(({ contestant }) => contestant === QUEUE_UNDICI.name)).toBe(false);
    expect(find('highest rate', QUEUE_UNDICI.name)).toBeUndefined();
    expect(formatTable(rows)).toContain('MISSED');
    expect(formatMarkdown(rows).split('\n')).toHaveLength(rows.length + 2);
  });

  test('commands of an idle hub are taken away', () => {
    const busy = new Map([
      ['evalsha', 1010],
      ['get', 20],
    ]);
    const idle = new Map([
      ['evalsha', 5],
      ['get', 10],
    ]);
    expect(costOf(busy, idle, 2, 100)).toEqual({ perMessage: 10, byCommand: { evalsha: 10 } });
  });

  test('a profile is shared out by who was at work, and node itself by its caller', () => {
    const frame = (functionName: string, url = '') => ({ functionName, url });
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 5] },
        {
          id: 2,
          callFrame: frame('write', '/r/node_modules/.pnpm/ioredis@6/node_modules/ioredis/built/Redis.js'),
          children: [3],
        },
        { id: 3, callFrame: frame('writev', 'node:net'), children: [4] },
        { id: 4, callFrame: frame('run', 'file:///r/workers/src/chat/turn.ts') },
        { id: 5, callFrame: frame('(idle)') },
      ],
      samples: [2, 2, 3, 4, 5, 1],
      timeDeltas: [1000, 10, 20, 30, 40, 50],
    };
    const phases = phasesOf(profile, { fromMs: 1.001, toMs: 10 });
    expect(Object.fromEntries(phases)).toEqual({
      'Redis client': 30,
      'turn, mailbox, delivery': 30,
      [ELSEWHERE]: 50,
    });
  });

  test('requests to Redis are counted however they are cut', () => {
    const text = '*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nset\r\n$1\r\nk\r\n$4\r\n*1\r\n\r\n';
    for (let cut = 1; cut < text.length; cut++) {
      const names: string[] = [];
      const read = createCommandReader((words) => names.push(nameOf(words)));
      read(Buffer.from(text.slice(0, cut)));
      read(Buffer.from(text.slice(cut)));
      expect(names).toEqual(['get', 'ping', 'set']);
    }
  });

  test('a script is told by what its first key holds', () => {
    const told = (key: string) => nameOf(['EVALSHA', 'abc', '2', key]);
    expect(told('parley:{p3}:mailbox:acme.slack-1.x')).toBe('script: mailbox');
    expect(told('parley:{pace:slack-1}')).toBe('script: pace');
    expect(told('parley:{t:acme}:settled:x')).toBe('script: quota settled');
    expect(told('bull:wake:meta')).toBe('script: wake queue');
    expect(nameOf(['HSET', 'parley:health:slack-1'])).toBe('hset');
  });

  test('the last reference of a text counts', () => {
    expect(lastReference(`first ${referenceOf(1)}, then ${referenceOf(23)}; refer`)).toBe(23);
    expect(lastReference('nothing of the kind')).toBeUndefined();
  });

  test('a step that fails or takes too long costs the others nothing', async () => {
    const results = createResults();
    const seen: string[] = [];
    const step = (name: string, seconds: number, play: () => Promise<unknown>) => ({ name, seconds, play });
    const steps = [
      step('bad', 0, () => Promise.reject(new AggregateError([new Error('one', { cause: new Error('two') })], 'x'))),
      step('good', 0, async () => results.add('a', 'b', { c: 1 })),
      step('long', 3600, () => Promise.reject(new Error('must not begin'))),
    ];
    const played = await playAll({
      stage: {} as Stage,
      steps,
      results,
      limitMs: 60_000,
      tell: () => undefined,
      onPlayed: async (all) => void seen.push(String(all.at(-1)?.name)),
    });
    expect(seen).toEqual(['bad', 'good', 'long']);
    expect(played.map(({ failed }) => failed)).toEqual(['one: two', undefined, 'left out, time is up']);
    expect(results.get('a', 'b', 'c')?.median).toBe(1);
  });

  test('other work on the machine is seen', async () => {
    const others = watchOtherWork(0);
    const end = performance.now() + 300;
    while (performance.now() < end);
    // Of process 0 nothing is its own, so that all of ours is others' work.
    expect(others.take()).toBeGreaterThan(0.3);
  });

  test('options', () => {
    expect(readOptions([])).toMatchObject({ size: 'full', only: undefined, minutes: 9.8, soak: undefined });
    expect(readOptions(['--only', 'api,redis'])).toMatchObject({ only: ['redis', 'arena'], matches: ['api'] });
    expect(readOptions(['--profile'])).toMatchObject({ only: ['redis', 'profile'], matches: [] });
    expect(readOptions(['--soak', '--messages', '20000'])).toMatchObject({ soak: 20_000 });
    expect(() => readOptions(['--rounds', 'many'])).toThrow('--rounds');
    expect(() => readOptions(['--rounds', '1.5'])).toThrow('--rounds takes a whole number');
    expect(() => readOptions(['--minutes', 'x'])).toThrow('--minutes takes a number');
    expect(() => readOptions(['--only', 'api,slac'])).toThrow(/--only takes some of slack, .*scale, not slac/);
    // What is there to be done, the rounds of the arena aside, leaves these their time.
    const secondsOf = (size: 'quick' | 'full') => planOf(size).reduce((sum, { seconds }) => sum + seconds, 0);
    expect(secondsOf('full')).toBeLessThanOrEqual(600);
    expect(secondsOf('quick')).toBeLessThanOrEqual(120);
  });

  test('a plot says what it shows', () => {
    const svg = plotBars('Rate <1>', '/s', [{ name: HUB, value: 10, isOurs: true }]);
    expect(svg).toContain('Rate &lt;1&gt;');
    expect(svg).toContain('10 /s');
  });
});

describe('a tiny round', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  test('floors and the hub answer what they were asked', async () => {
    const results = createResults();
    const durations = { warmQuestions: 20, warmSeconds: 5, openSeconds: 0.3, closedSeconds: 0.3 };
    const contestants = [RAW_XADD, QUEUE_UNDICI, QUEUE_SDK, hub({ platforms: ['slack'] })];
    const entries = messageEntries({ name: 'Slack', platform: 'slack', durations, contestants });
    const broken = { ...RAW_XADD, name: 'broken', start: () => Promise.reject(new Error('no such program')) };
    const all = [...entries, ...messageEntries({ name: 'Slack', platform: 'slack', durations, contestants: [broken] })];
    // What cannot be measured is told, and costs the others nothing.
    const failure = await playArena(stage, { workloads: [all], rounds: 2 }, results).catch((error: Error) => error);
    expect(failure).toMatchObject({ message: 'broken does not start' });
    for (const { name, answers } of contestants) {
      expect(results.get('Slack', name, 'refused')?.max, name).toBe(0);
      expect(results.get('Slack', name, 'unanswered')?.max, name).toBe(0);
      expect(results.get('Slack', name, 'ack_p50')?.min, name).toBeGreaterThan(0);
      expect(results.get('Slack', name, 'end_p50') !== undefined, name).toBe(answers);
      expect(results.rounds('Slack', name, 'per_second'), name).toHaveLength(2);
    }
  }, 120_000);

  test('what a conversation leaves in Redis is counted by kind', async () => {
    await stage.reset();
    for (let i = 0; i < 4; i++) await stage.redis.rpush(`parley:{p${i}}:history:acme.x.${i}`, 'said');
    for (let i = 0; i < 4; i++) await stage.redis.set(`parley:{p${i}}:seen:${i}`, '1', 'EX', 100);
    const left = await leftInRedis(stage.redis, 4);
    expect(left).toMatchObject({ left_keys: 2, left_endless: 1, left_keys_history: 1, left_keys_seen: 1 });
    expect(left.left_history_bytes).toBeLessThan(left.left_bytes as number);
  });
});
