/** @file What contestants' results say beside each other. */
import { atLeast, atMost, notKnown, type Goal } from './goals.ts';
import { median, type Measured, type Result } from './measure.ts';
import { table } from './report.ts';

export const figure = (value: number): string =>
  value < 1_000 ? value.toFixed(value < 10 ? 2 : 1) : Math.round(value).toLocaleString('en');

/** The median, and how far the rounds were apart. */
export const spread = (values: readonly number[], show = figure): string =>
  `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`;

export const timeOf = ({ inner, seconds }: Result): number => inner?.seconds ?? seconds;
export const cpuOf = ({ inner, cpuSeconds }: Result): number => inner?.cpuSeconds ?? cpuSeconds;
export const memoryOf = ({ inner, rssMiB }: Result): number => inner?.rssMiB ?? rssMiB;

export const medianOf = ({ results }: Measured, of: (result: Result) => number): number =>
  median(results.map(of));

/** Round by round, so that what else the machine did falls out. */
function ratio(own: Measured, other: Measured, of: (result: Result) => number): number {
  return median(
    other.results.flatMap((result, i) => {
      const ours = own.results[i];
      return ours ? [of(ours) / of(result)] : [];
    }),
  );
}

/** Of the clients that a user could take instead; `undefined` when none is here. */
function fastest(all: readonly Measured[]): Measured | undefined {
  return all
    .filter(({ contestant: { isOurs, isFloor, isMadeUp } }) => !isOurs && !isFloor && !isMadeUp)
    .filter(({ results }) => results.every(({ exit }) => exit === 0))
    .toSorted((a, b) => medianOf(a, timeOf) - medianOf(b, timeOf))[0];
}

export function besideFastest(
  what: string,
  own: Measured,
  all: readonly Measured[],
  most: number,
): Goal {
  const peer = fastest(all);
  if (!peer)
    return notKnown(
      `${what}: at most ${most} × the fastest other client`,
      'no other client is here',
    );
  const text = `# × ${peer.contestant.name}`;
  return atMost(`${what}, beside the fastest other client`, text, ratio(own, peer, timeOf), most);
}

export function besideNamed(
  what: string,
  all: readonly Measured[],
  name: string,
  most: number,
): Goal {
  const [own, ...others] = all;
  const peer = others.find(({ contestant }) => contestant.name.startsWith(name));
  if (!own || !peer) return notKnown(`${what}: at most ${most} × ${name}`, `${name} is not here`);
  return atMost(what, `# × ${peer.contestant.name}`, ratio(own, peer, timeOf), most);
}

/** What no client can be faster than. */
export function shareOfFloor(what: string, all: readonly Measured[], least: number): Goal {
  const [own] = all;
  const floor = all.find(({ contestant }) => contestant.isFloor);
  if (!own || !floor)
    return notKnown(`${what}: at least ${least} of the floor’s`, 'the floor is not here');
  return atLeast(what, `# of ${floor.contestant.name}`, 1 / ratio(own, floor, timeOf), least);
}

export function resultTable(all: readonly [Measured, ...Measured[]]): string {
  const [own] = all;
  const head = [
    '',
    'seconds',
    'processor seconds',
    'MiB',
    'requests',
    'runs',
    'ours ÷ this',
    'by processor',
  ];
  const rows = all.map((one) => [
    one.results.some(({ exit }) => exit !== 0)
      ? `${one.contestant.name} (failed)`
      : one.contestant.name,
    spread(one.results.map(timeOf)),
    spread(one.results.map(cpuOf)),
    medianOf(one, memoryOf).toFixed(0),
    medianOf(one, ({ requests }) => requests).toFixed(0),
    String(one.results.length),
    figure(ratio(own, one, timeOf)),
    figure(ratio(own, one, cpuOf)),
  ]);
  const loops = own.results.flatMap(({ inner }) => inner?.loopMs ?? []);
  const loop = `Our event loop was late by ${figure(median(loops.map(({ p99 }) => p99)))} ms at its 99th percentile and ${figure(median(loops.map(({ worst }) => worst)))} ms at worst, both at the median of the runs.`;
  return `${table(head, rows)}\n\n${loop}`;
}
