import { describe, expect, test } from 'vitest';
import { HUB, QUEUE_SDK } from '../../contestants/index.ts';
import type { Run } from '../run.ts';
import { SPECS } from '../specs.ts';
import { markdownTable } from './markdown-table.ts';
import { combine, formatPublished, takeIn } from './runs.ts';
import { wordIn } from './words.ts';
import { pagesOf } from './write.ts';

const machine = { cpu: 'Test', cores: 2, memoryGb: 4, node: 'v24.0.0', load: 0.1 };

function run(more: Partial<Run>): Run {
  return { machine, startedAt: '2026-01-02T03:04:05.000Z', size: 'full', seconds: 60, steps: [], values: {}, ...more };
}

const main = run({
  values: {
    [`Slack/${HUB}/per_second`]: [400, 500, null],
    [`Slack/${QUEUE_SDK.name}/per_second`]: [500, 400, 300],
    [`cold start/${HUB}/gateway_ms`]: [1200.123456],
  },
  steps: [{ name: 'backlog', seconds: 1, otherCores: 0.25, failed: 'it is late' }],
});
const soak = run({ size: 'soak', values: { [`soak/${HUB}/messages`]: [1_000_000] } });
const part = run({ only: ['cold'], values: { [`cold start/${HUB}/gateway_ms`]: [900] } });

describe('the page', () => {
  test('a whole run replaces all but the soak, a part replaces its own workloads', () => {
    const before = { runs: [run({}), part, soak] };
    const published = takeIn(takeIn(before, main), part);
    expect(published.runs).toEqual([main, part, soak]);
    expect(takeIn(published, part).runs).toEqual([main, part, soak]);
    const { results, runOf } = combine(published);
    expect(results.get('cold start', HUB, 'gateway_ms')?.median).toBe(900);
    expect(results.get('Slack', HUB, 'per_second')?.median).toBe(450);
    expect([runOf('Slack'), runOf('cold start'), runOf('soak')]).toEqual([0, 1, 2]);
  });

  test('says in both languages what holds, what does not, and whose figures these are', () => {
    const { en, zh } = pagesOf({ runs: [main, part, soak] });
    // 400 ÷ 500 and 500 ÷ 400: what the third round lacks is not compared.
    expect(en).toMatch(
      /\| Slack +\| highest rate +\| +450 \/s \| +400 – 500 \| 1.02 × \(0.80 – 1.25\) BullMQ.*≥ 1× +\| yes/,
    );
    expect(en).toMatch(/\| cold start¹ +\| gateway +\| +900 ms .* yes/);
    expect(en).toContain('Not (wholly) measured: backlog.');
    expect(zh).toMatch(/\| 冷启动¹ +\| gateway +\| +900 ms .* 是/);
    expect(pagesOf({ runs: [main] }).en).toMatch(/\| gateway +\| 1,200 ms .*\*\*no\*\*/);
    expect(pagesOf({ runs: [main] }).en).toContain('**Cold start.** A gateway takes 1,200 ms');
  });

  test('the file of figures says the same when it is read again', () => {
    const read = JSON.parse(formatPublished({ runs: [main, part] }));
    expect(read.runs[0].values[`cold start/${HUB}/gateway_ms`]).toEqual([1200.1]);
    expect(read.runs[0].values[`Slack/${HUB}/per_second`]).toEqual([400, 500, null]);
    expect(read.runs[1]).toEqual(part);
  });

  test('every word of the table is there in Chinese', () => {
    const latin = /^(Slack|Telegram|Redis, slack|gateway|worker)$/;
    for (const { workload, what } of SPECS) {
      for (const text of [workload, what]) {
        if (!latin.test(text)) expect(wordIn('zh', text), text).toMatch(/[\u4e00-\u9fff]/);
      }
    }
  });

  test('columns stand under one another in both scripts', () => {
    expect(markdownTable(['a', '数值'], [['冷', '1']], [1])).toBe('| a   | 数值 |\n| --- | ---: |\n| 冷  |    1 |');
  });
});
