import { parseArgs } from 'node:util';
import { numberOf } from '../support/command-words.ts';
import { MATCHES, type Match, matchesOf, planOf, type Size } from './plan.ts';

export const USAGE = `npm run bench -- [OPTION…]
  --quick          one round of the most important, in two minutes
  --only A,B       some of it: slack, telegram, feishu, chatter, api; redis, streams, cold, history, growth, backlog,
                   profile, scale
  --profile        where the time of one message goes: redis and profile
  --soak           memory: a million messages, about an hour
  --messages N     with --soak: so many
  --rounds N       rounds of what is compared (3, with --quick 1)
  --minutes N      ends after that (9.8, with --quick 1.85)
  --out FOLDER     writes results.json, table.md and the plots there
  --docs           takes what is measured into docs/performance.json and writes docs/performance.md, its Chinese twin and the
                   plots from that
  --from FILE      measures nothing: takes the results.json of an earlier run instead
`;

export interface Options {
  size: Size;
  /** Undefined: everything. */
  only: string[] | undefined;
  matches: Match[];
  /** How many messages; undefined: no soak. */
  soak: number | undefined;
  rounds: number | undefined;
  minutes: number;
  out: string | undefined;
  docs: boolean;
  from: string | undefined;
}

/** @throws Error on what cannot be understood */
export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      profile: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      messages: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      out: { type: 'string' },
      docs: { type: 'boolean', default: false },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const size = values.quick ? 'quick' : 'full';
  const only = values.profile ? ['redis', 'profile'] : partsOf(values.only, size);
  const matches = only ? MATCHES.filter((name) => only.includes(name)) : [...matchesOf(size)];
  return {
    size,
    // What is compared is one step.
    only: only && [...only.filter((name) => !isMatch(name)), ...(matches.length > 0 ? ['arena'] : [])],
    matches,
    soak: values.soak ? (countOf('messages', values.messages) ?? 1_000_000) : undefined,
    rounds: countOf('rounds', values.rounds),
    minutes: values.minutes === undefined ? minutesOf(values) : numberOf('minutes', values.minutes),
    out: values.out,
    docs: values.docs,
    from: values.from,
  };
}

const minutesOf = ({ soak, quick }: { soak: boolean; quick: boolean }) => (soak ? 240 : quick ? 1.85 : 9.8);

function partsOf(text: string | undefined, size: Size): string[] | undefined {
  const parts = text?.split(',');
  const known = planOf(size).flatMap(({ name }) => (name === 'arena' ? MATCHES : name));
  const unknown = parts?.find((part) => !known.some((name) => name === part));
  if (unknown !== undefined) throw new Error(`--only takes some of ${known.join(', ')}, not ${unknown || 'nothing'}`);
  return parts;
}

function isMatch(name: string): name is Match {
  return MATCHES.some((match) => match === name);
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = numberOf(name, text, 1);
  if (!Number.isInteger(count)) throw new Error(`--${name} takes a whole number, not ${text}`);
  return count;
}
