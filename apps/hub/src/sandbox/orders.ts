import { ParleyError } from '@parley/core/errors';
import type { AnswerLine } from './protocol.ts';

/** Orders to the child and the answers that belong to them. */
export interface Orders {
  /** @throws ParleyError what the child refused it with, or `unavailable` */
  send(order: 'connect' | 'view' | 'say', ...args: unknown[]): Promise<unknown>;
  settle(answer: AnswerLine): void;
  /** There will be no more answers. */
  failAll(reason: string): void;
}

const MAX_UNANSWERED = 100;
const ANSWER_LIMIT_MS = 10_000;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: ParleyError) => void;
  limit: NodeJS.Timeout;
}

export function createOrders(write: (line: string) => void): Orders {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let over: string | undefined;

  function take(id: number): Waiting | undefined {
    const one = waiting.get(id);
    waiting.delete(id);
    clearTimeout(one?.limit);
    return one;
  }

  return {
    send(order, ...args) {
      if (over !== undefined) return Promise.reject(new ParleyError('unavailable', over));
      if (waiting.size >= MAX_UNANSWERED)
        return Promise.reject(new ParleyError('unavailable', 'the sandbox is too busy'));
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const late = () => take(id)?.reject(new ParleyError('unavailable', 'the sandbox did not answer in time'));
        waiting.set(id, { resolve, reject, limit: setTimeout(late, ANSWER_LIMIT_MS) });
        write(`${JSON.stringify({ id, order, args })}\n`);
      });
    },
    settle(answer) {
      const one = take(answer.id);
      if ('error' in answer) one?.reject(refusal(answer.error));
      else one?.resolve(answer.result);
    },
    failAll(reason) {
      over = reason;
      for (const id of [...waiting.keys()]) take(id)?.reject(new ParleyError('unavailable', reason));
    },
  };
}

function refusal({ code, message, field }: { code: string; message: string; field?: string | undefined }): ParleyError {
  if (code !== 'not_found' && code !== 'invalid_request') return new ParleyError('internal', message);
  const fields = field === undefined ? undefined : [{ path: field, message }];
  return new ParleyError(code, field === undefined ? message : `${field}: ${message}`, { fields });
}
