import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type SimResponse, startServer } from '@parley/simulators/shared';
import type { Payload, PlatformDescriptor, Situations } from './descriptor.ts';

const FOLDER = new URL('./fixtures/', import.meta.url);

/** The names of a platform's recorded payloads. */
export function fixtureNames(platform: string): string[] {
  const folder = new URL(`${platform}/`, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []));
}

export function loadFixture({ platform, recorded }: PlatformDescriptor, name: string): Payload {
  const content: unknown = JSON.parse(readFileSync(new URL(`${platform}/${name}.json`, FOLDER), 'utf8'));
  return recorded.payload?.(name, content) ?? { json: content };
}

/** The fixtures that show a situation; undefined where the platform has none, for the reason the descriptor gives. */
export function situation({ situations }: PlatformDescriptor, name: keyof Situations): string[] | undefined {
  const names = situations[name].split(' + ');
  return names.some((one) => one.includes(' ')) ? undefined : names;
}

/** How a platform's API behaves beside the recorded payloads. */
export interface RecordedApi {
  url: string;
  /** Paths asked for that are not about who the bot is. */
  otherPaths: readonly string[];
  openSockets(): Promise<number>;
  close(): Promise<void>;
}

export interface RecordedApiOptions {
  /** `known`: tells who the bot is. `away`: answers everything with 500. */
  mode?: 'known' | 'away';
  /** What the file of the `file` situation holds. */
  bytes?: Buffer;
  /** Calls about anything else get no answer at all; default a 500. */
  silent?: boolean;
}

export async function startRecordedApi(
  { recorded }: PlatformDescriptor,
  { mode = 'known', bytes, silent = false }: RecordedApiOptions = {},
): Promise<RecordedApi> {
  const otherPaths: string[] = [];
  const server = await startServer({
    async handle({ path }): Promise<SimResponse> {
      const identity = recorded.identity(path);
      if (mode === 'known' && identity) return identity;
      if (!identity) otherPaths.push(path);
      const file = bytes && recorded.file(path, server.url, bytes);
      if (file) return file;
      return silent ? new Promise(() => {}) : { status: 500, body: 'away' };
    },
  });
  // So long that no connection ends by itself while a test watches it.
  server.server.keepAliveTimeout = 300_000;
  return {
    url: server.url,
    otherPaths,
    openSockets: () =>
      new Promise((resolve, reject) => {
        server.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    close: server.close,
  };
}
