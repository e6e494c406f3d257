// What one message costs: runs a command that makes load, waits until all of it is answered, and divides.
//   node deploy/load/cost.mjs --metrics http://10.0.0.1:8080/metrics --metrics http://10.0.0.2:9464/metrics \
//     --redis redis://10.0.0.3:6379 -- node deploy/load/webhooks.mjs --url … --duration 60
// Name every gateway and worker, and nobody else may ask anything meanwhile. Prints one line of JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const QUIET_LIMIT_MS = 120_000;
const { values, positionals: command } = parseArgs({
  allowPositionals: true,
  options: { metrics: { type: 'string', multiple: true, default: [] }, redis: { type: 'string' } },
});
if (values.metrics.length === 0 || command.length === 0) {
  process.stderr.write('cost.mjs --metrics URL… [--redis URL] -- COMMAND…\n');
  process.exit(2);
}

const before = await look();
const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] });
const [code] = await once(child, 'exit');
if (code !== 0) process.exit(code ?? 1);
const after = await quiet();

const messages = after.turns - before.turns;
const each = (now, then) => Number(((now - then) / messages).toFixed(2));
const line = {
  messages,
  // Of them; what was not delivered costs other things than an answer does.
  failed: after.failed - before.failed,
  processes: after.processes.map((process, i) => ({
    url: values.metrics[i],
    cpu_ms: each(process.cpuMs, before.processes[i].cpuMs),
    rss_mb: Math.round(process.rssBytes / 2 ** 20),
  })),
  ...(after.redis && {
    redis: {
      cpu_ms: each(after.redis.cpuMs, before.redis.cpuMs),
      commands: each(after.redis.commands, before.redis.commands),
      kept_bytes: each(after.redis.bytes, before.redis.bytes),
    },
  }),
};
process.stdout.write(`${JSON.stringify(line)}\n`);

/** Resolves when nobody waits for an answer any more. */
async function quiet() {
  const end = Date.now() + QUIET_LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (seen.waiting === 0 && seen.turns > before.turns) return seen;
    if (Date.now() > end) throw new Error(`${seen.waiting} questions still wait after ${QUIET_LIMIT_MS / 1000} s`);
    await sleep(500);
  }
}

async function look() {
  const texts = await Promise.all(values.metrics.map((url) => fetch(url).then((response) => response.text())));
  const sum = (text, name, label = '') =>
    [...text.matchAll(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (all, [, labels = '', one]) => all + (labels.includes(label) ? Number(one) : 0),
      0,
    );
  const total = (name, label) => texts.reduce((all, text) => all + sum(text, name, label), 0);
  return {
    turns: total('parley_turn_duration_seconds_count'),
    failed: total('parley_turn_duration_seconds_count', 'status="failed"'),
    waiting: total('parley_queue_depth') + total('parley_active_turns'),
    processes: texts.map((text) => ({
      cpuMs: sum(text, 'process_cpu_seconds_total') * 1000,
      rssBytes: sum(text, 'process_resident_memory_bytes'),
    })),
    redis: values.redis && (await askRedis(new URL(values.redis))),
  };
}

/** INFO over a connection of its own: what it says of Redis as a whole. */
async function askRedis({ hostname, port, username, password }) {
  const socket = connect({ host: hostname, port: Number(port || 6379) });
  const words = [username, password].filter(Boolean).map(decodeURIComponent);
  socket.write(`${words.length > 0 ? `AUTH ${words.join(' ')}\r\n` : ''}INFO everything\r\nQUIT\r\n`);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  const value = (name) => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1]);
  if (Number.isNaN(value('used_memory'))) throw new Error(`Redis does not answer INFO: ${text.slice(0, 80).trim()}`);
  return {
    cpuMs: (value('used_cpu_user') + value('used_cpu_sys')) * 1000,
    commands: value('total_commands_processed'),
    bytes: value('used_memory'),
  };
}
