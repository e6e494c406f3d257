import { explainTurn } from './explain.ts';
import { stepsOf } from './steps.ts';
import type { TurnFacts } from './types.ts';

export interface TurnToTell extends TurnFacts {
  id: string;
  tenant: string;
  channel: string;
  platform: string;
  user: string;
  tokensIn: number;
  tokensOut: number;
  costMicroUsd: number;
  createdAt: Date;
}

/** A turn as `parley why` prints it: the facts, why it ended as it did, and every step. */
export function tellTurn(turn: TurnToTell, zh: boolean): string {
  const { id, tenant, channel, platform, user, kind, status, errorCode, model, createdAt, responseMs } = turn;
  const cost = (turn.costMicroUsd / 1_000_000).toFixed(6);
  const facts = [
    [zh ? '轮次' : 'turn', id],
    [zh ? '时间' : 'time', createdAt.toISOString()],
    [zh ? '来自' : 'from', `${tenant} / ${platform} / ${channel} / ${user}`],
    [zh ? '结果' : 'outcome', [status, errorCode].filter(Boolean).join(', ')],
    [zh ? '由谁回答' : 'answered by', model ? `${kind} (${model})` : kind],
    [zh ? '用时' : 'took', `${responseMs} ms`],
    ['token', `${turn.tokensIn} + ${turn.tokensOut}, $${cost}`],
  ].map(([name = '', value = '']) => `${name.padEnd(12)} ${value}`);
  const steps = stepsOf(turn.timeline).map(({ atMs, what, detail }) => {
    const said = Object.entries(detail).map(
      ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    );
    return `${String(atMs).padStart(8)} ms  ${[what, ...said].join('  ')}`;
  });
  return [...facts, '', explainTurn(turn)[zh ? 'zh' : 'en'], '', ...steps].join('\n');
}
