/** @file After the ledger was lost: what the bucket has already is taken over, not sent again. */
import type { Database } from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import type { Destination } from '#shared/recording.ts';
import { takeInListing } from '../library/browse.ts';
import { readRecovery, writeRecovery, type Recovery } from '../home/recovery-record.ts';
import { isRefusal } from '../s3/refusals.ts';
import { PAGE_KEYS, type Remote } from '../s3/remote.ts';
import type { Fingerprint, Job, JobStore } from '../store/jobs.ts';
import { objectIndex, type Mark } from '../store/objects.ts';

export type Adoption = ReturnType<typeof createAdoption>;

/** Looks for a recording's bytes in the bucket, once something has happened to the ledger; until then does nothing. */
export function createAdoption(
  options: Readonly<{
    database: Database;
    jobs: JobStore;
    remote: Remote;
    nowMs: () => number;
    onChange: () => void;
  }>,
) {
  const { database, jobs, remote, nowMs, onChange } = options;
  const ending = new AbortController();
  let opened: ReturnType<typeof objectIndex> | undefined;
  const listings = new Map<string, Promise<void>>();
  /** By owner, since its listing: to ask the index for each file takes longer with each that is stored. */
  const sizes = new Map<string, ReadonlySet<number>>();
  const objects = () => (opened ??= objectIndex(database));

  /** What was listed into an index that is not there any more, or not as it was then, was not listed. */
  function current(): Recovery | undefined {
    const record = readRecovery(database);
    if (record === undefined) return undefined;
    const mark = objects().mark();
    if (record.index?.id === mark.id && record.index.ended <= mark.ended)
      return { ...record, index: mark };
    sizes.clear();
    const unlisted = { ...record, index: mark, isListed: false, owners: [] };
    // Kept: with the next listing of a part a former copy looks no longer like one.
    writeRecovery(database, unlisted);
    return unlisted;
  }

  /** @param id Of the index that was listed into. */
  function note({ id }: Mark, what: (record: Recovery) => Partial<Recovery>): void {
    const record = current();
    if (record?.index?.id === id) writeRecovery(database, { ...record, ...what(record) });
  }

  const takeIn = (prefix: string, atMs?: () => number): Promise<Mark> =>
    takeInListing(objects(), {
      page: (next) => remote.list(prefix, PAGE_KEYS, next, ending.signal),
      nowMs: atMs,
      place: remote.place,
    });

  /** A listing that fails half-way has listed nothing. */
  async function list(): Promise<void> {
    const mark = await takeIn('', nowMs).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      throw new AppError('cannot-list', (error as Error).message, { cause: error });
    });
    note(mark, () => ({ isListed: true }));
    onChange();
  }

  /** A first ledger is most likely what it says: an account that may not list uploads all the same. */
  async function listOwner(prefix: string): Promise<void> {
    const mark = await takeIn(prefix).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return objects().mark();
    });
    note(mark, ({ owners }) => ({ owners: [...owners, prefix] }));
  }

  /** One listing for all jobs that wait for it. */
  function once(prefix: string, work: () => Promise<void>): Promise<void> {
    const running = listings.get(prefix) ?? work().finally(() => listings.delete(prefix));
    listings.set(prefix, running);
    return running;
  }

  return {
    /**
     * Takes over an object of the same class or user, size and SHA-256 that no job is known for. The job
     * is then stored under that object's key, and has yet to be shown to be right.
     *
     * @returns Whether there was one.
     * @throws AppError with the storage's trouble, `cannot-list` when it does not let us look: sending all
     *   the same would store everything twice.
     */
    async adopt(
      job: Job,
      to: Destination,
      fingerprint: Fingerprint,
      signal: AbortSignal,
    ): Promise<boolean> {
      const owner = { kind: to.kind, ownerId: to.kind === 'audio' ? to.classId : to.userId };
      const prefix = `${owner.kind}/${owner.ownerId}/`;
      // What was listed once, was, whatever has become of the index: only what is found is asked of that.
      if (sizes.get(prefix)?.has(fingerprint.sizeBytes) === false) return false;
      const record = current();
      if (record === undefined) return false;
      if (!isListed(record, prefix))
        await (record.reason === 'new' ? once(prefix, () => listOwner(prefix)) : once('', list));
      const known = sizes.get(prefix) ?? objects().unclaimedSizes(owner);
      // Not of one that was made anew meanwhile.
      const latest = current();
      if (latest && isListed(latest, prefix)) sizes.set(prefix, known);
      if (!known.has(fingerprint.sizeBytes)) return false;
      for (const key of objects().unclaimed(owner, fingerprint.sizeBytes)) {
        const info = await remote.head(key, signal);
        const token = info?.metadata['upload_token'];
        const isEqual =
          info?.sizeBytes === fingerprint.sizeBytes &&
          info.metadata['sha256'] === fingerprint.sha256;
        if (!isEqual || token === undefined) continue;
        // An upload of it that is open is not what became that object.
        const stored = [{ type: 'outdated' }, { type: 'stored' }] as const;
        jobs.retarget(job.id, stored, { destination: to, key, token });
        const then = readRecovery(database);
        if (then) writeRecovery(database, { ...then, adopted: then.adopted + 1 });
        return true;
      }
      return false;
    },
    /** Whether a job was taken over from a damaged ledger, which said that it was stored. */
    wasSalvaged: ({ id, state }: Job): boolean =>
      state.kind === 'verifying' && id <= (readRecovery(database)?.lastJobId ?? 0),
    stop: () => ending.abort(new Error('The engine stops')),
  };
}

const isListed = (record: Recovery, prefix: string): boolean =>
  record.reason === 'new' ? record.owners.includes(prefix) : record.isListed;
