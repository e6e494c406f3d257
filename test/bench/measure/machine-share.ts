import { readdirSync, readFileSync } from 'node:fs';

/** How busy the machine is with what is no part of the benchmark: a measurement beside other work says little. */
export interface OtherWork {
  /** Cores that others used since the last time, on average; NaN where there is no /proc. */
  take(): number;
}

interface Ticks {
  /** Of all processors together, since the machine was started; also what the host took away. */
  busy: number;
  own: number;
  atMs: number;
}

const TICK_MS = 10;

export function watchOtherWork(rootPid = process.pid): OtherWork {
  let last = look(rootPid);
  return {
    take() {
      const now = look(rootPid);
      const others = now.busy - last.busy - (now.own - last.own);
      const cores = (Math.max(0, others) * TICK_MS) / (now.atMs - last.atMs);
      last = now;
      return cores;
    },
  };
}

function look(rootPid: number): Ticks {
  try {
    return { busy: busyTicks(readFileSync('/proc/stat', 'utf8')), own: treeTicks(rootPid), atMs: performance.now() };
  } catch {
    return { busy: Number.NaN, own: Number.NaN, atMs: performance.now() };
  }
}

/** The first line: `cpu user nice system idle iowait irq softirq steal …`. */
function busyTicks(stat: string): number {
  const [, user, nice, system, , , irq, softirq, steal] = (stat.split('\n')[0] ?? '').split(/ +/).map(Number);
  return [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0);
}

/** Of a process, of all that it began, and of those among them that have ended since. */
function treeTicks(rootPid: number): number {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) readProcess(pid, processes);
  }
  const isOwn = (pid: number): boolean => {
    if (pid === rootPid) return true;
    const parent = processes.get(pid)?.parent;
    return parent !== undefined && parent > 1 && isOwn(parent);
  };
  let sum = 0;
  for (const [pid, { ticks }] of processes) if (isOwn(pid)) sum += ticks;
  return sum;
}

function readProcess(pid: number, into: Map<number, { parent: number; ticks: number }>): void {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, in brackets, and may hold anything.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((total, each) => total + each, 0);
    into.set(pid, { parent: fields[1] ?? 0, ticks });
  } catch {
    // It has ended meanwhile.
  }
}
