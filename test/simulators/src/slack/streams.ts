/** Messages that are being streamed. Slack ends a stream by itself some five minutes after it began. */
export interface Streams {
  open(channel: string, ts: string): void;
  isOpen(channel: string, ts: string): boolean;
  /** Adds text and returns all of it so far. */
  append(channel: string, ts: string, text: string): string;
  close(channel: string, ts: string): void;
  /** Those that were begun and not ended by the app, also when Slack has ended them by itself meanwhile. */
  left(): { channel: string; ts: string }[];
}

const LIFETIME_MS = 5 * 60_000;
const MAX_STREAMS = 10_000;

/** Makes an empty set of streams. */
export function createStreams(): Streams {
  const streams = new Map<string, { text: string; until: number }>();
  const key = (channel: string, ts: string) => `${channel}:${ts}`;

  return {
    open(channel, ts) {
      streams.set(key(channel, ts), { text: '', until: Date.now() + LIFETIME_MS });
      if (streams.size > MAX_STREAMS) streams.delete(streams.keys().next().value as string);
    },
    isOpen: (channel, ts) => (streams.get(key(channel, ts))?.until ?? 0) > Date.now(),
    append(channel, ts, text) {
      const stream = streams.get(key(channel, ts));
      if (stream === undefined) return text;
      stream.text += text;
      return stream.text;
    },
    close(channel, ts) {
      streams.delete(key(channel, ts));
    },
    left: () =>
      [...streams.keys()].map((name) => {
        const [channel = '', ts = ''] = name.split(':');
        return { channel, ts };
      }),
  };
}
