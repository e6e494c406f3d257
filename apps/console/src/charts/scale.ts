export type Point = readonly [x: number, y: number];

/** A round number at or above the largest value, as the top of an axis. */
export function niceTop(largest: number): number {
  if (!(largest > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * unit >= largest) ?? 10;
  return step * unit;
}

/** An SVG path through the points; a missing one interrupts the line. */
export function linePath(points: readonly (Point | undefined)[]): string {
  let pen = 'M';
  let path = '';
  for (const point of points) {
    if (!point) {
      pen = 'M';
      continue;
    }
    path += `${pen}${round(point[0])},${round(point[1])}`;
    pen = 'L';
  }
  return path;
}

/** The area between the points and the base line, a piece per unbroken run. */
export function areaPath(points: readonly (Point | undefined)[], base: number): string {
  return runsOf(points)
    .map((run) => {
      const first = run[0];
      const last = run.at(-1);
      return first && last
        ? `${linePath(run)}L${round(last[0])},${round(base)}L${round(first[0])},${round(base)}Z`
        : '';
    })
    .join('');
}

/** Points without a neighbour: a line cannot show them. */
export function lonePoints(points: readonly (Point | undefined)[]): Point[] {
  return runsOf(points)
    .filter(({ length }) => length === 1)
    .flat();
}

function runsOf(points: readonly (Point | undefined)[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point) runs.at(-1)?.push(point);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

const round = (value: number) => Math.round(value * 10) / 10;
