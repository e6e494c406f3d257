import { loadTurn, type TurnStory } from '@parley/core/store';
import { isChinese, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

/** `parley why TURN`: what happened to a question, step by step. */
export const why: RunCommand = async ({ args, env }) => {
  const [turn, ...rest] = args;
  if (!turn || rest.length > 0) {
    process.stderr.write('Usage: parley why TURN   (the reference in a reply, or request_id in the log)\n');
    return 2;
  }
  const story = await withStore(env, (store) => loadTurn(store, turn));
  if (!story) {
    process.stderr.write(`There is no turn ${turn}; one that is still being answered is not in the database yet\n`);
    return 1;
  }
  process.stdout.write(`${tell(story, isChinese(env))}\n`);
  return 0;
};

interface Step {
  atMs?: number;
  what: string;
  detail?: Record<string, unknown>;
}

function tell(story: TurnStory, zh: boolean): string {
  const { id, tenant, channel, platform, user, kind, status, errorCode, model, createdAt, responseMs } = story;
  const cost = (story.costMicroUsd / 1_000_000).toFixed(6);
  const head = [
    [zh ? '轮次' : 'turn', id],
    [zh ? '时间' : 'time', createdAt.toISOString()],
    [zh ? '来自' : 'from', `${tenant} / ${platform} / ${channel} / ${user}`],
    [zh ? '结果' : 'outcome', [status, errorCode].filter(Boolean).join(', ')],
    [zh ? '由谁回答' : 'answered by', model ? `${kind} (${model})` : kind],
    [zh ? '用时' : 'took', `${responseMs} ms`],
    ['token', `${story.tokensIn} + ${story.tokensOut}, $${cost}`],
  ].map(([name = '', value = '']) => `${name.padEnd(12)} ${value}`);
  const steps = (story.timeline as Step[]).map(({ atMs, what, detail = {} }) => {
    const said = Object.entries(detail)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
    return `${atMs === undefined ? ''.padStart(11) : `${String(atMs).padStart(8)} ms`}  ${[what, ...said].join('  ')}`;
  });
  return [...head, '', ...steps].join('\n');
}
