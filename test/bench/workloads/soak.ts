import { HUB, hub } from '../contestants/index.ts';
import { rssBytes } from '../measure/process-stats.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

/** Memory of the hub after a hundred thousand messages and after a million. */
export async function playSoak(stage: Stage, messages: number, results: Results): Promise<void> {
  await stage.reset();
  const running = await hub({ platforms: ['slack'] }).start(stage);
  const answer = (questions: number) =>
    load(stage, running.port, {
      platform: 'slack',
      path: running.path,
      pace: { outstanding: 64 },
      doneWhen: 'answered',
      questions,
      seconds: 3600,
      graceSeconds: 30,
    });
  const rssMb = () => running.pids.reduce((sum, pid) => sum + rssBytes(pid), 0) / 2 ** 20;
  try {
    const early = await answer(messages / 10);
    results.add('soak', HUB, { early_rss_mb: rssMb() });
    const late = await answer(messages - messages / 10);
    results.add('soak', HUB, { late_rss_mb: rssMb(), unanswered: messages - early.answered - late.answered });
  } finally {
    await running.stop();
  }
}
