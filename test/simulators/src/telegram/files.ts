/** Files people sent, by file id. */
export interface Files {
  add(content: Buffer, fileName: string): { fileId: string; uniqueId: string };
  get(fileId: string): { content: Buffer; path: string; uniqueId: string } | undefined;
  /** The content behind a `file_path`. */
  read(path: string): Buffer | undefined;
}

const MAX_FILES = 1000;

/** Makes an empty store; the oldest files are forgotten beyond 1,000. */
export function createFiles(): Files {
  const files = new Map<string, { content: Buffer; path: string; uniqueId: string }>();
  let counter = 0;

  return {
    add(content, fileName) {
      const uniqueId = `AgADSim${counter}`;
      const fileId = `BQACAgSimulated${counter}AAIB`;
      const extension = /\.\w+$/.exec(fileName)?.[0] ?? '';
      files.set(fileId, { content, path: `documents/file_${counter}${extension}`, uniqueId });
      counter += 1;
      if (files.size > MAX_FILES) files.delete(files.keys().next().value as string);
      return { fileId, uniqueId };
    },
    get: (fileId) => files.get(fileId),
    read: (path) => [...files.values()].find((file) => file.path === path)?.content,
  };
}
