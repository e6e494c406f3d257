import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUB, hub, QUEUE_SDK, QUEUE_UNDICI, RAW_XADD } from './contestants/index.ts';
import { ELSEWHERE, phasesOf } from './measure/cpu-profile.ts';
import { createCommandReader } from './measure/redis-door.ts';
import { createResults } from './measure/results.ts';
import { quantile, spreadOf } from './measure/statistics.ts';
import { plotBars } from './report/plot.ts';
import { rowsOf } from './report/rows.ts';
import { figure, formatMarkdown, formatTable } from './report/table.ts';
import { type Stage, setStage } from './stage.ts';
import { playMessages } from './workloads/messages.ts';
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
    for (const each of [900, 1000, 5000]) results.add('Slack', QUEUE_SDK.name, { per_second: each });
    for (const each of [1100, 700, 1500]) results.add('Slack', HUB, { per_second: each, unanswered: 0, ack_p50: 2 });
    results.add('Slack', RAW_XADD.name, { ack_p50: 1 });
    const rows = rowsOf(results);
    const find = (what: string, other?: string) =>
      rows.find((row) => row.contestant === HUB && row.what === what && row.compared?.with === other);
    expect(find('highest rate')?.value).toEqual({ median: 1100, min: 700, max: 1500 });
    expect(find('highest rate', QUEUE_SDK.name)).toMatchObject({
      compared: { by: 'ratio', figure: 1.1 },
      target: { text: '≥ 1×', met: true },
    });
    expect(find('ack p50 at 200/s', RAW_XADD.name)?.target).toEqual({ text: '≤ 1.5×', met: false });
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
      const read = createCommandReader((name) => names.push(name));
      read(Buffer.from(text.slice(0, cut)));
      read(Buffer.from(text.slice(cut)));
      expect(names).toEqual(['get', 'ping', 'set']);
    }
  });

  test('the last reference of a text counts', () => {
    expect(lastReference(`first ${referenceOf(1)}, then ${referenceOf(23)}; refer`)).toBe(23);
    expect(lastReference('nothing of the kind')).toBeUndefined();
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
    const durations = { warmQuestions: 20, openSeconds: 0.3, closedSeconds: 0.3 };
    const contestants = [RAW_XADD, QUEUE_UNDICI, QUEUE_SDK, hub({ platforms: ['slack'] })];
    await playMessages(stage, { name: 'Slack', platform: 'slack', durations, contestants }, results);
    for (const { name, answers } of contestants) {
      expect(results.get('Slack', name, 'refused')?.max, name).toBe(0);
      expect(results.get('Slack', name, 'unanswered')?.max, name).toBe(0);
      expect(results.get('Slack', name, 'ack_p50')?.min, name).toBeGreaterThan(0);
      expect(results.get('Slack', name, 'end_p50') !== undefined, name).toBe(answers);
    }
  }, 120_000);
});
