/** @file Finds uploads by words of their names, paths and classes, also among a million of them. */
import { destination } from '#shared/recording.ts';
import { inSlices } from '../pauses.ts';
import { plain } from '../plain.ts';
import { jobGroups, type JobGroup, type SearchedRow } from '../store/job-lists.ts';
import type { Job, JobStore } from '../store/jobs.ts';

/** More are for more words. */
const MOST = 100;

/** The newest of them first. `hasMore`: not all that there are. */
export type Found = Readonly<{ rows: Job[]; hasMore: boolean }>;

/**
 * Goes through all jobs in pieces, between which everything else has its turn: no index is kept for it, which
 * each recording would pay for. A search ends the one before it, which then has what it had found by then.
 */
export function createFindJobs(jobs: Pick<JobStore, 'searched' | 'get'>) {
  let latest = 0;

  return async (groups: readonly JobGroup[], words: string): Promise<Found> => {
    const own = (latest += 1);
    const wanted = plain(words).split(/\s+/);
    const kinds = new Set<string>(groups.flatMap((group) => jobGroups[group]));
    const textOf = createTexts();
    const rows: Job[] = [];
    /** A row that cannot be read keeps no other from being found. */
    function jobIn(row: SearchedRow): Job | undefined {
      try {
        const text = textOf(row);
        if (!wanted.every((word) => text.includes(word))) return undefined;
        const job = jobs.get(row.id);
        // It may have gone on since it was read.
        return job && kinds.has(job.state.kind) && !isReplaced(job) ? job : undefined;
      } catch {
        return undefined;
      }
    }
    for await (const piece of inSlices(jobs.searched())) {
      for (const row of piece) {
        if (!kinds.has(row.kind)) continue;
        const job = jobIn(row);
        if (job === undefined) continue;
        if (rows.length === MOST) return { rows, hasMore: true };
        rows.push(job);
      }
      if (own !== latest) return { rows, hasMore: true };
    }
    return { rows, hasMore: false };
  };
}

/** Dropped by nobody: a newer version took over. */
const isReplaced = ({ state }: Job): boolean =>
  state.kind === 'dropped' && state.why !== 'cancelled';

/** What is searched of a row. Places are few, and read once. */
function createTexts() {
  const owners = new Map<string, string>();
  return ({ name, path, destination: to }: SearchedRow): string => {
    let owner = to === null ? '' : owners.get(to);
    if (owner === undefined) {
      const parsed = destination.safeParse(JSON.parse(to!)).data;
      owner = parsed === undefined ? '' : plain(Object.values(parsed).join(' '));
      owners.set(to!, owner);
    }
    return `${plain(name)} ${plain(path)} ${owner}`;
  };
}
