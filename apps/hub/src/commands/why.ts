import { tellTurn } from '@parley/core/explain';
import { loadTurn } from '@parley/core/store';
import { isChinese, misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

/** `parley why TURN`: what happened to a question, step by step. */
export const why: RunCommand = async ({ args, env }) => {
  const [turn, ...rest] = args;
  if (!turn || rest.length > 0) return misused('why', env);
  const story = await withStore(env, (store) => loadTurn(store, turn));
  if (!story) {
    process.stderr.write(`There is no turn ${turn}; one that is still being answered is not in the database yet\n`);
    return 1;
  }
  process.stdout.write(`${tellTurn(story, isChinese(env))}\n`);
  return 0;
};
