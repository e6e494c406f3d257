import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MockState } from './data.ts';

export interface RouteInput {
  state: MockState;
  params: Record<string, string>;
  query: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: a mock believes what it is sent
  body: any;
  request: IncomingMessage;
  response: ServerResponse;
}
export type Route = (input: RouteInput) => unknown;

export interface Refusal {
  status: number;
  error: { code: string; message: string; fields?: { path: string; message: string }[] };
}

export const refuse = (status: number, code: string, message: string): Refusal => ({
  status,
  error: { code, message },
});
export const page = <T>(items: T[]) => ({ items, next_cursor: null });

/** The entry with this id. @throws Refusal 404 */
export function found<T extends { id: string }>(list: T[], id: string | undefined): T {
  const entry = list.find((item) => item.id === id);
  if (!entry) throw refuse(404, 'not_found', 'Not found');
  return entry;
}
