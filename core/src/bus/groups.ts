/** Works through a list, a group of at most `size` at a time; resolves with the sum of what the groups came to. */
export async function sumInGroups<Item>(
  items: readonly Item[],
  size: number,
  work: (group: readonly Item[]) => Promise<number>,
): Promise<number> {
  let sum = 0;
  for (let from = 0; from < items.length; from += size) sum += await work(items.slice(from, from + size));
  return sum;
}

export const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
