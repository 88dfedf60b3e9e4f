/** @file What a process said is so, held against what its ledger says afterwards. */
import { openHome } from '../../electron/engine/home/home.ts';
import { jobStore, type Job } from '../../electron/engine/store/jobs.ts';

/** A line of `sync --json`, as far as it is a promise about one file. */
export type Acknowledgement = Readonly<{ event: string; path: string; key?: string }>;

/** How far a file had come when the line was printed. */
const rank: Readonly<Record<string, number>> = {
  queued: 1,
  progress: 1,
  waiting: 1,
  uploaded: 2,
  verified: 3,
};
const rankOf = ({ kind }: Job['state']): number =>
  ({ uploaded: 2, verifying: 2, verified: 3 })[kind as string] ?? 1;

/** Complete lines only: what was not printed to its end was not said. */
export function acknowledgements(stdout: string): Acknowledgement[] {
  const lines = stdout.split('\n').slice(0, -1);
  return (
    lines
      .map((line) => JSON.parse(line) as Acknowledgement & { state?: string })
      .filter(({ event, path }) => path !== undefined && event in rank)
      // What is said to wait outside the queue is no promise about the ledger.
      .filter(({ state }) => state !== 'settling')
  );
}

/** Everything that was said and is not so any more; empty when the ledger kept its word. */
export function forgotten(home: string, said: readonly Acknowledgement[]): string[] {
  const { database, close } = openHome({ path: home });
  try {
    const integrity = database.pragma('integrity_check', { simple: true }) as string;
    const jobs = jobStore(database, Date.now).list(undefined, -1);
    const lost = said.filter(
      ({ event, path, key }) =>
        !jobs.some(
          (job) =>
            job.path === path &&
            (key === undefined || job.key === key) &&
            rankOf(job.state) >= rank[event]!,
        ),
    );
    return [
      ...(integrity === 'ok' ? [] : [`The ledger is damaged: ${integrity}`]),
      ...lost.map(({ event, path, key }) => `"${event}" of ${path} (${key}) is forgotten`),
    ];
  } finally {
    close();
  }
}
