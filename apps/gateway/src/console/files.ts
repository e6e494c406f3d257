import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** One file of the built console, with what the build compressed ahead. */
export interface ConsoleFile {
  type: string;
  plain: Buffer;
  br?: Buffer | undefined;
  gzip?: Buffer | undefined;
  /** Its name changes with its content, so it can be kept for ever. */
  isHashed: boolean;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * The built console by URL path, read once: a few megabytes. What is not in this map does not exist, so no path leads
 * out of the folder, and a newer build on disk does not mix with what is being served.
 */
export function readConsoleFiles(root: string): ReadonlyMap<string, ConsoleFile> {
  const files = new Map<string, ConsoleFile>();
  if (!existsSync(join(root, 'index.html'))) return files;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    const path = join(entry.parentPath, entry.name);
    const url = `/${relative(root, path).split(sep).join('/')}`;
    // Folders such as .vite are the build's own.
    if (!entry.isFile() || type === undefined || url.includes('/.')) continue;
    files.set(url, {
      type,
      plain: readFileSync(path),
      br: readIfThere(`${path}.br`),
      gzip: readIfThere(`${path}.gz`),
      isHashed: url.startsWith('/assets/'),
    });
  }
  return files;
}

const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path) : undefined);
