import { open } from 'node:fs/promises';
import { environmentConfig, quickStartVariables } from './environment.ts';
import type { Environment } from './interpolate.ts';
import { type ConfigResult, parseConfig } from './parse.ts';
import { MAX_FILE_BYTES } from './yaml.ts';

export interface LoadedConfig {
  result: ConfigResult;
  source: 'file' | 'environment';
  /** The file's text, by which a change is noticed; absent without a file or when it cannot be read. */
  text: string | undefined;
  /** Variables of the quick start that are set but have no effect, because a file is there and does not name them. */
  ignored: string[];
}

/** Reads the configuration from the file if there is one, else from the quick start's variables. Never throws. */
export async function loadConfig(file: string | undefined, env: Environment): Promise<LoadedConfig> {
  if (file === undefined) {
    return { result: environmentConfig(env), source: 'environment', text: undefined, ignored: [] };
  }
  return understand(await readBounded(file), file, env);
}

/**
 * What the file says now; undefined while its text is still `seen`. Parsing a large file holds everything else up for
 * a good part of a second, and it is looked at every few seconds.
 */
export async function loadChanged(
  file: string | undefined,
  env: Environment,
  seen: string | undefined,
): Promise<LoadedConfig | undefined> {
  if (file === undefined) return undefined;
  const read = await readBounded(file);
  const text = 'problem' in read ? undefined : read.text;
  return text === seen ? undefined : understand(read, file, env);
}

function understand(read: Awaited<ReturnType<typeof readBounded>>, file: string, env: Environment): LoadedConfig {
  if ('problem' in read) {
    const issues = [{ path: '', message: `${file}: ${read.problem}` }];
    return { result: { ok: false, issues }, source: 'file', text: undefined, ignored: [] };
  }
  const ignored = quickStartVariables(env).filter((name) => !read.text.includes(`\${${name}}`));
  return { result: parseConfig(read.text, env, file), source: 'file', text: read.text, ignored };
}

/** One byte more than allowed is enough to know that a file is too large, whatever it grows to. */
async function readBounded(file: string): Promise<{ text: string } | { problem: string }> {
  try {
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return { text: buffer.toString('utf8', 0, length) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { problem: code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})` };
  }
}
