import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSED = /\.(?:js|css|svg|html|json)$/;
/** What a first visit may cost before anything can be used: JavaScript, gzipped. */
export const INITIAL_LIMIT_BYTES = 350 * 1024;

/** After the build: compresses every file once, and fails when the first page needs too much JavaScript. */
export function finishBuild(): Plugin {
  let folder = 'dist';
  return {
    name: 'parley-finish-build',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir);
    },
    async closeBundle() {
      const bytes = initialBytes(folder);
      const shown = `${(bytes / 1024).toFixed(1)} kB of ${INITIAL_LIMIT_BYTES / 1024} kB`;
      if (bytes > INITIAL_LIMIT_BYTES) throw new Error(`The first page needs too much JavaScript: ${shown} gzipped`);
      writeFileSync(join(folder, 'size.json'), JSON.stringify({ initial_gzip_bytes: bytes }));
      process.stdout.write(`initial JavaScript: ${shown} gzipped\n`);
      await compressAll(folder);
    },
  };
}

interface ManifestEntry {
  file: string;
  isEntry?: boolean;
  imports?: string[];
}

/** The entry and everything it imports statically; pages come later, by `import()`. */
function initialBytes(folder: string): number {
  const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    ManifestEntry
  >;
  const files = new Set<string>();
  const visit = (key: string) => {
    const entry = manifest[key];
    if (!entry || files.has(entry.file)) return;
    files.add(entry.file);
    entry.imports?.forEach(visit);
  };
  for (const [key, entry] of Object.entries(manifest)) if (entry.isEntry) visit(key);
  return [...files]
    .filter((file) => file.endsWith('.js'))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
}

async function compressAll(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    // index.html gets a nonce for every response, so it cannot be compressed ahead.
    if (!entry.isFile() || !COMPRESSED.test(entry.name) || entry.name === 'index.html') continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (bytes.length < 1024) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }));
    await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  }
}
