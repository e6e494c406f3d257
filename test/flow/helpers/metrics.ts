/** The sum of a metric's samples that carry these labels; 0 when there is none. */
export async function metric(hubUrl: string, name: string, labels: Record<string, string> = {}): Promise<number> {
  const text = await (await fetch(`${hubUrl}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const line of text.split('\n')) {
    const sample = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample?.[1] !== name) continue;
    const present = (sample[2] ?? '').split(',');
    if (wanted.every((label) => present.includes(label))) sum += Number(sample[3]);
  }
  return sum;
}
