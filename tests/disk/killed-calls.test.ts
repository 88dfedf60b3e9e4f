import pLimit from 'p-limit';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBucket } from '../models/bucket.ts';
import { publish } from '../models/figures.ts';
import { freshSeed, isLong, longMinutes } from '../models/seeds.ts';
import { countingServer, openRemote, type Counted } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { chance, noTracing } from './tools.ts';
import { countCalls, meet, type Call, type Outcome, type Point } from './traced.ts';

/** For each of the two sweeps; what has not begun by then is left for another run. */
const BUDGET_MS = isLong ? (longMinutes * 60_000) / 2 : 120_000;
const LIMIT_MS = BUDGET_MS + 5 * 60_000;
const AT_ONCE = 2;

/** About `points` of them, evenly over all calls of a run; in the long profile all, in an order of chance. */
function spread(calls: ReadonlyMap<Call, number>, fault: Point['fault'], points: number): Point[] {
  const all = [...calls].flatMap(([call, count]) =>
    Array.from({ length: count }, (_, i) => ({ call, nth: i + 1, fault })),
  );
  if (isLong) {
    const random = chance(freshSeed);
    return all
      .map((point) => ({ point, order: random(2 ** 31) }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ point }) => point);
  }
  const step = Math.max(1, Math.ceil(all.length / points));
  return all.filter((_, i) => i % step === 0);
}

async function sweep(s3: Counted, dir: string, points: readonly Point[]): Promise<Outcome[]> {
  const limit = pLimit(AT_ONCE);
  const deadline = performance.now() + BUDGET_MS;
  const outcomes = points.map((point, i) =>
    limit(async () =>
      performance.now() < deadline ? [await meet(point, s3, join(dir, `point-${i}`))] : [],
    ),
  );
  return (await Promise.all(outcomes)).flat();
}

/** Runs the sweep and looks into the storage: every recording once, whole, and nothing else. */
async function survives(
  faults: readonly { calls: readonly Call[]; fault: Point['fault']; points: number }[],
): Promise<Outcome[]> {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  using remote = openRemote(s3);
  const bucket = await openBucket(s3, remote);
  const wanted = [...new Set(faults.flatMap(({ calls }) => calls))];
  const counted = await countCalls(wanted, s3, join(dir.path, 'counted'));
  const before = new Set((await bucket.objects()).keys());
  const points = faults.flatMap(({ calls, fault, points: number }) =>
    spread(new Map([...counted].filter(([call]) => calls.includes(call))), fault, number),
  );
  const outcomes = await sweep(s3, dir.path, points);
  expect(outcomes.flatMap(({ problems }) => problems)).toEqual([]);
  const objects = [...(await bucket.objects()).values()].filter(({ key }) => !before.has(key));
  bucket.close();
  expect(objects.filter(({ versions }) => versions !== 1)).toEqual([]);
  expect(objects.map(({ sha256 }) => sha256).toSorted()).toEqual(
    outcomes.flatMap(({ hashes }) => hashes).toSorted(),
  );
  const said = outcomes.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const kills = outcomes.filter(({ point, wasHit }) => point.fault === 'kill' && wasHit).length;
  publish({
    suite: 'system calls',
    kills,
    faults: outcomes.filter(({ point }) => point.fault !== 'kill').length,
    promises: said,
    recordings: objects.length,
  });
  return outcomes;
}

test(
  'a process killed at any of its writes leaves a sound ledger, and everything is stored once in the end',
  { timeout: LIMIT_MS },
  async ({ skip }) => {
    const missing = noTracing();
    skip(missing !== undefined, missing);
    const calls = ['pwrite64', 'fsync', 'fdatasync', 'rename', 'unlink', 'writev'] as const;
    const outcomes = await survives([{ calls, fault: 'kill', points: 60 }]);
    // Nearly every point is reached: how often sockets are written to is a matter of chance.
    const hits = outcomes.filter(({ wasHit }) => wasHit).length;
    expect(hits).toBeGreaterThan(outcomes.length / 2);
  },
);

test(
  'a disk that refuses a read, a write or a sync once costs no recording and no promise',
  { timeout: LIMIT_MS },
  async ({ skip }) => {
    const missing = noTracing();
    skip(missing !== undefined, missing);
    const outcomes = await survives([
      { calls: ['pread64'], fault: 'EIO', points: 8 },
      { calls: ['pwrite64'], fault: 'ENOSPC', points: 12 },
      { calls: ['fsync', 'fdatasync'], fault: 'EIO', points: 10 },
    ]);
    expect(outcomes.some(({ wasHit }) => wasHit)).toBe(true);
  },
);
