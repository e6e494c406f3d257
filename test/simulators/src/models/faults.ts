import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, sendJson } from './server.ts';
import type { FaultAction, ModelFault, RecordedRequest } from './types.ts';

/** The faults of one simulator: which applies to a request, and those that are answers of their own. */
export function createFaults() {
  const active: { fault: ModelFault; left: number }[] = [];

  function remove(entry: (typeof active)[number]): void {
    const index = active.indexOf(entry);
    if (index >= 0) active.splice(index, 1);
  }

  return {
    add(fault: ModelFault): () => void {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      active.push(entry);
      return () => remove(entry);
    },

    /** The fault that this request meets, which uses it up by one. */
    take(keyIndex: number | undefined): FaultAction | undefined {
      const entry = active.find(({ fault }) => fault.keyIndex === undefined || fault.keyIndex === keyIndex);
      if (entry === undefined) return undefined;
      entry.left--;
      if (entry.left <= 0) remove(entry);
      return entry.fault.action;
    },

    /** Plays the faults that take the place of an answer; false when the request is still to be answered. */
    async refuse(
      fault: FaultAction,
      api: Api,
      response: ServerResponse,
      record: RecordedRequest,
      gone: AbortSignal,
    ): Promise<boolean> {
      const answer = refusalOf(fault, api);
      if (answer) {
        sendJson(response, record, answer.status, answer.body, answer.headers);
        return true;
      }
      if (fault.kind === 'slow_headers') await sleep(fault.ms, undefined, { signal: gone });
      return false;
    },
  };
}

function refusalOf(
  fault: FaultAction,
  api: Api,
): { status: number; body: unknown; headers?: Record<string, string> } | undefined {
  switch (fault.kind) {
    case 'rate_limit': {
      const { status, error } = api.error('rate_limit');
      const headers = {
        ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }),
        ...(fault.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(fault.retryAfterMs) }),
      };
      return { status, body: error, headers };
    }
    case 'overloaded':
    case 'out_of_money':
    case 'unauthorized':
    case 'context_length': {
      const { status, error } = api.error(fault.kind);
      return { status, body: error };
    }
    case 'content_filter': {
      if (fault.when === 'answer') return undefined;
      const { status, error } = api.error('content_filter');
      return { status, body: error };
    }
    case 'error_body':
      return { status: 200, body: api.error('server_error').error };
    case 'status':
      return { status: fault.status, body: fault.body ?? '' };
    default:
      return undefined;
  }
}
