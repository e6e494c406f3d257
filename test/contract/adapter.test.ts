import { ADAPTERS } from '@parley/adapter-registry';
import { PLATFORMS } from '@parley/core/message';
import { describe, expect, test } from 'vitest';
import { describeAdapter } from './adapter.contract.ts';
import type { Situations } from './descriptor.ts';
import { DESCRIPTORS } from './platforms/index.ts';
import { fixtureNames, situation } from './recorded.ts';

/** What has to be recorded of a platform whatever it is like. */
const NEEDED: (keyof Situations)[] = [
  'direct',
  'groupMention',
  'bareMention',
  'groupChatter',
  'thread',
  'replyToBot',
  'file',
  'askCommand',
  'resetCommand',
  'ownMessage',
  'otherBotMessage',
  'edit',
  'join',
];

describe.each(PLATFORMS)('%s is complete', (platform) => {
  test('it has an adapter in the registry and a descriptor, both its own', () => {
    expect(ADAPTERS[platform], 'adapters/registry/src/adapters.ts').toBeTypeOf('function');
    expect(DESCRIPTORS[platform]?.platform, 'test/contract/platforms').toBe(platform);
  });

  test('its recorded payloads show every situation', () => {
    const names = fixtureNames(platform);
    const descriptor = DESCRIPTORS[platform];
    expect(names, `fixtures/${platform}`).not.toEqual([]);
    expect(descriptor).toBeDefined();
    for (const one of Object.keys(descriptor.situations) as (keyof Situations)[]) {
      const shown = situation(descriptor, one);
      if (NEEDED.includes(one)) expect(shown, `${one} is recorded`).toBeDefined();
      for (const name of shown ?? []) expect(names, `fixtures/${platform}/${name}.json (${one})`).toContain(name);
    }
  });
});

test('nothing is registered or described that is no platform', () => {
  expect(Object.keys(ADAPTERS).sort()).toEqual([...PLATFORMS].sort());
  expect(Object.keys(DESCRIPTORS).sort()).toEqual([...PLATFORMS].sort());
});

for (const descriptor of Object.values(DESCRIPTORS)) describeAdapter(descriptor);
