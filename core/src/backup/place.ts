/**
 * Where backups lie: folders with small files in them. A file is written whole or not at all. Every method throws
 * ParleyError `unavailable` when the place cannot be reached or written to.
 */
export interface BackupPlace {
  /** For people; no secret in it. */
  readonly name: string;
  /** Names of the folders, one for each backup. */
  folders(): Promise<string[]>;
  /** Names of the files in a folder. */
  files(folder: string): Promise<string[]>;
  /** Undefined: there is no such file. A file beyond `MAX_FILE_BYTES` is refused with `invalid_request`. */
  read(folder: string, file: string): Promise<Buffer | undefined>;
  write(folder: string, file: string, bytes: Buffer): Promise<void>;
  /** Removes files, in this order, and then the folder if it is empty. What is not there is no mistake. */
  remove(folder: string, files: readonly string[]): Promise<void>;
  close(): void;
}

/** Nothing that a backup consists of is larger, and nothing larger is read into memory. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
