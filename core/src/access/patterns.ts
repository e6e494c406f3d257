/** Whether every name that the narrower pattern matches is matched by the wider one. Sure when true, cautious when false. */
export function covers(wider: string, narrower: string): boolean {
  // A `*` of the narrower one can only be matched by a `*` of the wider one, which takes whatever stands for it.
  return matchesPattern(wider, narrower);
}

/** Whether there is a name that both patterns match. */
export function overlaps(a: string, b: string): boolean {
  // below[j]: whether what is left of `a` after the present character and b[j…] have a name in common.
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i--) {
    const row: boolean[] = new Array(b.length + 1).fill(false);
    for (let j = b.length; j >= 0; j--) row[j] = meet(a, i, b, j, row, below);
    below = row;
  }
  return below[0] === true;
}

function meet(a: string, i: number, b: string, j: number, row: boolean[], below: boolean[]): boolean {
  const [left, right] = [a[i], b[j]];
  if (left === undefined && right === undefined) return true;
  // A star ends here, or takes one more character of the other side.
  if (left === '*' && (below[j] || row[j + 1])) return true;
  if (right === '*' && (row[j + 1] || below[j])) return true;
  return left !== undefined && left === right && below[j + 1] === true;
}

/** `*` stands for any characters, in linear time whatever the pattern is: people write it. */
export function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  if (parts.length === 1) return pattern === name;
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
