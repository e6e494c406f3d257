import { startAnthropicSimulator } from '@parley/simulators/models';
import { createWorld, startHub } from '../support/index.ts';
import { backstage } from './backstage.ts';
import { play } from './play.ts';
import { SCENES } from './scenes.ts';

/**
 * `npm run demo`: the real hub between simulated platforms and a simulated model. Prints every chat as it happens; exit
 * code 0 only if every expected reply was seen.
 */
const zh = (process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '').toLowerCase().startsWith('zh');
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Long enough to be watched while it is written. */
const STORY = `## A hub and its spokes

${Array.from({ length: 12 }, (_, i) => `${i + 1}. A message came **in order**, was kept, and was answered once, as number ${i + 1} of a dozen.`).join('\n')}

The end.`;

const world = await createWorld({
  model: { reply: ({ messages }) => demoAnswer(messages), firstTokenMs: 150, tokensPerSecond: 80 },
});
const second = await startAnthropicSimulator({ reply: ({ messages }) => demoAnswer(messages) });
const stage = backstage(world, second);
const hub = await startHub({ config: stage.config() });
world.connect(hub.url);
say(zh ? `中枢已就绪：${hub.url}` : `The hub is ready: ${hub.url}`);

let missing = 0;
try {
  for (const scene of [...SCENES, ...stage.scenes(hub)]) missing += await play(scene, world[scene.platform], say, zh);
} finally {
  await hub.stop();
  await second.close();
  await world.close();
}
say(
  missing === 0
    ? zh
      ? '\n全部预期的回复都已收到。'
      : '\nEvery expected reply arrived.'
    : zh
      ? `\n有 ${missing} 条预期的回复没有出现。`
      : `\n${missing} expected replies are missing.`,
);
process.exit(missing === 0 ? 0 : 1);

/** A model that shows whether it remembers. */
function demoAnswer(messages: { role: string; content: string }[]): string {
  const question = messages.at(-1)?.content ?? '';
  const earlier = messages.filter(({ role }) => role === 'user').slice(0, -1);
  const first = earlier[0]?.content;
  if (/story|故事/i.test(question)) return STORY;
  if (/remember|记得/i.test(question)) {
    return first ? `You began with: **${first}**` : 'This is the beginning: I remember nothing before it.';
  }
  return `About *${question}*:\n\n1. First, it depends.\n2. Then: \`it works\`.\n\n| question | remembered |\n|---|---|\n| ${messages.length} | ${earlier.length} |`;
}
