/** Reads a program's own words; what cannot be understood is told with the usage, and the program ends with code 2. */
export function readWords<Words>(read: () => Words, usage: string): Words {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

/** @throws Error that names the option and what it takes, unless `text` is a number that is not below `atLeast` */
export function numberOf(option: string, text: string, atLeast = 0): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < atLeast) {
    throw new Error(`--${option} takes a number from ${atLeast} on, not ${text === '' ? 'nothing' : text}`);
  }
  return number;
}
