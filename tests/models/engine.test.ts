import { afterAll, describe, expect, test } from 'vitest';
import { publish } from './figures.ts';
import { playTwice, runModel, type Figures } from './run.ts';
import { freshSeed, isLong, longMinutes, newSeeds, seeds } from './seeds.ts';

const figures: Figures = { runs: 0, recordings: 0, syncs: 0, crashes: 0, tricks: 0 };
/** The whole budget is three minutes on two cores: spread over the seeds, whatever the machine. */
const chosen = [...seeds('engine'), freshSeed, ...newSeeds];
const LIMIT_MS = isLong ? (longMinutes * 60_000) / chosen.length : 15_000;

describe('whatever happens to files, storage and process', () => {
  test.each(chosen)(
    'no promise is broken, and in the end every recording is stored and proven (seed %i)',
    async (seed) => {
      const run = { seed, numRuns: isLong ? 5_000 : 12, maxCommands: isLong ? 200 : 50 };
      expect(await runModel({ ...run, limitMs: LIMIT_MS }, figures)).toBeUndefined();
    },
    60 * 60_000,
  );

  test.each(seeds('engine').slice(0, 2))(
    'the same seed has the same course and the same end (seed %i)',
    async (seed) => {
      const [first, second] = await playTwice(seed, 30);
      expect(second).toEqual(first);
    },
    10 * 60_000,
  );
});

afterAll(() => {
  const { runs, recordings, crashes, tricks } = figures;
  publish({ suite: 'model', courses: runs, recordings, kills: crashes, faults: tricks });
});
