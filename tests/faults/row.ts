import { expect, test } from 'vitest';
import { HOUR_MS } from '#shared/time.ts';
import { LARGE, offline, openStage, type Options, type Seen, type Stage } from './stage.ts';

/**
 * One way in which one row of the fault matrix comes true. The file is there, the fault strikes, and
 * what is to be seen is seen; when the fault is over the file is verified, once, and nothing is left.
 */
export type Row = Readonly<{
  /** Its number in the matrix, 1 to 60. */
  row: number;
  name: string;
  /** Why it cannot be tried here: it is skipped then, counted and shown. */
  lacking?: () => string | undefined;
  /** 17 MiB, in three parts, unless told. */
  sizeBytes?: number;
  options?: Options;
  /** What is in the folder at the start, unless that is one whole recording, `a.mp3`. */
  file?: (stage: Stage) => unknown;
  inject?: (stage: Stage) => unknown;
  /** What comes over a recording that is in the ledger and waits, since the storage cannot be reached until then. */
  strike?: (stage: Stage) => unknown;
  /** Left out where a fault is got over without a word. */
  seen?: Seen;
  /** What else holds while it lasts. */
  meanwhile?: (stage: Stage) => unknown;
  /** How it ends; unless told, the network is well again. `never` for what no test can put right. */
  heal?: ((stage: Stage) => unknown) | 'never';
  /** What else holds in the end. */
  after?: (stage: Stage) => unknown;
}>;

export function testRows(rows: readonly Row[]): void {
  for (const row of rows)
    // oxlint-disable-next-line vitest/expect-expect -- `run` expects
    test(`row ${row.row}: ${row.name}`, { timeout: 180_000 }, async ({ skip }) => {
      const missing = row.lacking?.();
      skip(missing !== undefined, missing);
      await run(row);
    });
}

async function run(row: Row): Promise<void> {
  await using stage = await openStage(row.options);
  await (row.file ? row.file(stage) : stage.write('a.mp3', row.sizeBytes ?? LARGE));
  await row.inject?.(stage);
  if (row.strike) stage.proxy.add({ action: { kind: 'resetAfter', bytes: 0 } });
  await stage.start();
  if (row.strike) {
    await stage.sees(offline);
    await row.strike(stage);
    stage.proxy.heal();
    stage.later(HOUR_MS);
  }
  let recorded = new Set<string>();
  let from = 0;
  if (row.seen) {
    await stage.sees(row.seen);
    await row.meanwhile?.(stage);
    recorded = stage.recordedParts();
    from = stage.proxy.log.length;
    if (row.heal === 'never') return;
    if (row.heal) await row.heal(stage);
    else stage.proxy.heal();
    stage.later(HOUR_MS);
  }
  await stage.verified();
  // What the ledger knew to be there was not sent again.
  expect(stage.sentParts(from).filter((part) => recorded.has(part))).toEqual([]);
  await row.after?.(stage);
  await stage.audit();
}
