import { parseArgs } from 'node:util';
import { startAnthropicSimulator } from './anthropic.ts';
import { startOpenAiSimulator } from './openai.ts';
import type { ModelSimulatorOptions } from './types.ts';

/**
 * A model simulator as a command: prints its base URL and runs until it is told to stop.
 *
 *     node test/simulators/src/models/main.ts openai --port 0 --tokens-per-second 40 --first-token-ms 300
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    'tokens-per-second': { type: 'string' },
    'first-token-ms': { type: 'string' },
  },
});

const starters = { openai: startOpenAiSimulator, anthropic: startAnthropicSimulator };
const [api] = positionals;

if (api !== 'openai' && api !== 'anthropic') {
  process.stderr.write('usage: main.ts openai|anthropic [--port N] [--tokens-per-second N] [--first-token-ms N]\n');
  process.exit(2);
}

const options: ModelSimulatorOptions = {
  port: Number(values.port),
  ...(values['tokens-per-second'] ? { tokensPerSecond: Number(values['tokens-per-second']) } : {}),
  ...(values['first-token-ms'] ? { firstTokenMs: Number(values['first-token-ms']) } : {}),
};
const simulator = await starters[api](options);
process.stdout.write(`${simulator.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void simulator.close());
}
