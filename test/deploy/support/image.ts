import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, read } from './files.ts';

const run = promisify(execFile);

/** The Dockerfile with each instruction on one line. */
export const dockerfile = read('deploy/docker/Dockerfile').replaceAll(/\\\n\s*/g, '');
export const instructions = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** A stage by its name; the last one has none. */
export function stageOf(name = ''): string {
  const stages = instructions
    .join('\n')
    .split(/^FROM /m)
    .slice(1);
  const found = name === '' ? stages.at(-1) : stages.find((stage) => stage.split('\n')[0]?.endsWith(` AS ${name}`));
  if (!found) throw new Error(`The Dockerfile has no stage ${name}`);
  return found;
}

/** What a stage copies from the repository: sources, then the target. */
export const copiesOf = (stage: string): string[][] =>
  [...stage.matchAll(/^COPY (?!--from)(.*)$/gm)].map(([, paths = '']) => paths.split(' '));

/** What .dockerignore keeps from the builder: its patterns begin at the root, as the engine reads them. */
const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const isIgnored = (path: string): boolean => ignored.some((pattern) => matchesGlob(path, pattern));

/**
 * Follows stages by hand where nothing can build them: their copies into an empty folder, which is returned, and their
 * `pnpm install`. What they take from the base image (Node itself, tini) is not tested by that.
 */
export async function follow(stages: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-image-'));
  // Another user than the tests' may have to read it.
  await chmod(folder, 0o755);
  for (const copy of stages.flatMap(copiesOf)) {
    const to = copy.at(-1) ?? '';
    for (const from of copy.slice(0, -1)) {
      const target = to.endsWith('/') ? join(folder, to, from.split('/').at(-1) ?? '') : join(folder, to);
      await mkdir(dirname(target), { recursive: true });
      const filter = (path: string) => !isIgnored(path.slice(ROOT.length));
      await cp(join(ROOT, from), target, { recursive: true, filter });
    }
  }
  const installs = stages.flatMap((stage) => /^RUN (.*pnpm@\S+ install .*)$/m.exec(stage)?.[1] ?? []);
  for (const install of installs) {
    // What is installed came from this store a moment ago: nothing has to be fetched.
    const offline = install.replace(' install ', ' install --offline ');
    await run('sh', ['-c', offline], { cwd: folder, env: { ...process.env, CI: 'true' } });
  }
  return folder;
}
