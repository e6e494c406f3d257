import { startSandboxWorld } from './sandbox/index.ts';
import { serveLines } from './sandbox/lines.ts';

/**
 * Plays Feishu, Telegram and Slack for a hub that started this as its child, and takes orders as JSON lines on stdin
 * (sandbox/lines.ts). Ends when stdin does, so it never outlives the hub, however that ends.
 */
const world = await startSandboxWorld();
await serveLines(world, process.stdin, (line) => void process.stdout.write(line));
await world.close();
process.exit();
