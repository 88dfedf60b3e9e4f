/** @file Which chances are taken: fixed ones, those that once found something, and one of this commit's own. */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import known from './seeds.json' with { type: 'json' };

/** The long profile is run by hand: `npm run test:long`. */
export const isLong = process.env['PANSEA_TEST_PROFILE'] === 'long';

/** How long one suite of the long profile may take, minutes. */
export const longMinutes = Number(process.env['PANSEA_TEST_MINUTES'] ?? '10');

/** Chances that nobody took before; the tests' names show them, and a failure prints how to repeat it. */
export const newSeeds: readonly number[] = isLong
  ? Array.from({ length: 7 }, () => randomInt(2 ** 31))
  : [];

/** Every seed that ever failed stays in its list. */
export function seeds(suite: keyof typeof known): readonly number[] {
  return known[suite];
}

/** From the commit, so that a red run can be repeated; `PANSEA_TEST_SEED` repeats another one's. */
export const freshSeed: number = (() => {
  const given = process.env['PANSEA_TEST_SEED'];
  if (given !== undefined) return Number(given);
  try {
    const hash = execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return parseInt(hash, 16);
  } catch {
    return 1; // No git clone: the package's own tests still run.
  }
})();
