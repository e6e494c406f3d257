import { LRUCache } from 'lru-cache';
import type { ErrorCode } from '../errors/index.ts';
import { type Breaker, createBreaker } from './breaker.ts';

export interface KeyState {
  coolUntil: number;
  because: ErrorCode | undefined;
  /** Was refused for good: until then it is used only where there is nothing else. */
  suspectUntil: number;
  /** Refusals in a row: each doubles the rest. */
  refusals: number;
  inFlight: number;
}

export interface EndpointState {
  breaker: Breaker;
  /** Requests of this process that are under way. */
  inFlight: number;
  /** Smoothed time to the first token. */
  firstTokenMs: number | undefined;
}

export interface PoolState {
  keyOf(model: string, fingerprint: string): KeyState;
  endpointOf(model: string, endpoint: string): EndpointState;
  entries(): { keys: [string, KeyState][]; endpoints: [string, EndpointState][] };
}

const MAX_ENTRIES = 10_000;

/** What is known of every key and endpoint. Bounded: the least recently used are forgotten, and begin anew. */
export function createPoolState(): PoolState {
  const keys = new LRUCache<string, KeyState>({ max: MAX_ENTRIES });
  const endpoints = new LRUCache<string, EndpointState>({ max: MAX_ENTRIES });
  return {
    keyOf(model, fingerprint) {
      const name = `${model}|${fingerprint}`;
      return keys.get(name) ?? kept(keys, name, newKey());
    },
    endpointOf(model, endpoint) {
      const name = `${model}|${endpoint}`;
      return endpoints.get(name) ?? kept(endpoints, name, newEndpoint());
    },
    entries: () => ({ keys: [...keys.entries()], endpoints: [...endpoints.entries()] }),
  };
}

const newKey = (): KeyState => ({ coolUntil: 0, because: undefined, suspectUntil: 0, refusals: 0, inFlight: 0 });
const newEndpoint = (): EndpointState => ({ breaker: createBreaker(), inFlight: 0, firstTokenMs: undefined });

function kept<State extends object>(states: LRUCache<string, State>, name: string, state: State): State {
  states.set(name, state);
  return state;
}

const RATE_MIN_MS = 5_000;
const RATE_MAX_MS = 5 * 60_000;
/**
 * A key that was refused for good is tried again by one question now and then: somebody may have paid. Where there is no
 * other way it is tried sooner, ever less often.
 */
const PROBE_EVERY_MS = 10 * 60_000;
const LAST_RESORT_MS = 500;

/** How a key rests after such an error; false: the error says nothing about the key. */
export function coolKey(key: KeyState, code: ErrorCode, retryAfterMs: number | undefined, now: number): boolean {
  switch (code) {
    case 'model_rate_limited':
      key.coolUntil = now + (retryAfterMs ?? Math.min(RATE_MIN_MS * 2 ** key.refusals, RATE_MAX_MS));
      break;
    case 'model_auth':
    case 'model_out_of_money':
      key.coolUntil = now + Math.min(LAST_RESORT_MS * 2 ** key.refusals, PROBE_EVERY_MS);
      key.suspectUntil = now + PROBE_EVERY_MS;
      break;
    default:
      return false;
  }
  key.because = code;
  key.refusals++;
  return true;
}

/** Failures of the way itself, not of what was asked or who asked. */
export const BREAKING: ReadonlySet<ErrorCode> = new Set(['model_overloaded', 'model_timeout', 'model_bad_response']);
