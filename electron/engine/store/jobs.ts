import type { Database } from 'better-sqlite3';
import type { StorageClass } from '#shared/storage-class.ts';
import { openIn, type JobEvent, type JobState } from '#shared/job.ts';
import { transition } from '#shared/transition.ts';
import { isSame, type Destination } from '#shared/recording.ts';
import { jobCounts } from './job-counts.ts';
import { folderJobs } from './folder-jobs.ts';
import { jobGroups, jobLists } from './job-lists.ts';
import { runnableJobs } from './runnable-jobs.ts';
import { sameJobs } from './same-jobs.ts';
import { sentParts, type SentPart } from './sent-parts.ts';
import { groupOf } from './together.ts';
import {
  columns,
  destinationText,
  isSharing,
  placeColumns,
  stateColumns,
  stateValues,
  toJob,
  type Fingerprint,
  type Job,
  type Place,
  type Row,
  type StateValues,
} from './job-row.ts';

export type { FileVersion, Fingerprint, Job } from './job-row.ts';
import { historyStore } from './history.ts';
import { noteChange } from './job-history.ts';
import { uploadStore } from './uploads.ts';
import { crashPoint } from '../test-hooks.ts';

/** Between what may be what ends the program, more with each time. */
const CUT_APART_MS = 5_000;

export type NewJob = Omit<Job, 'id' | 'fingerprint' | 'absences' | 'createdAtMs' | 'updatedAtMs'>;

/** A job's place in the bucket, if any, and what the object there is known by. */
export type Target = Pick<Job, 'destination' | 'key' | 'token'>;

export type JobStore = ReturnType<typeof jobStore>;

/**
 * The jobs table. Every change of state goes through `advance`, so no row can skip a
 * transition, and `onChange` hears of each after its commit.
 */
export function jobStore(
  db: Database,
  nowMs: () => number,
  onChange: (job: Job) => void = () => {},
  /** Hears after the commit of a job that has given up its open upload. */
  onOwed: () => void = () => {},
) {
  const uploads = uploadStore(db, nowMs);
  const history = historyStore(db, nowMs);
  const parts = sentParts(db);
  const same = sameJobs(db);
  const counts = jobCounts(db);
  const lists = jobLists(db, counts);
  const byId = db.prepare<[number], Row>(`SELECT ${columns} FROM jobs WHERE id = ?`);
  const byKey = db.prepare<[string], Row>(`SELECT ${columns} FROM jobs WHERE key = ?`);
  const insert = db.prepare(
    `INSERT INTO jobs (folder_id, path, size_bytes, mtime_ns, name, content_type, destination, key, token, device, inode, ctime_ns, storage_class, by_hand, state, kind, not_before_ms, same_as, created_at_ms, updated_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const savePlace = db.prepare<[unknown[]]>(
    `UPDATE jobs SET path = ?, name = ?, folder_id = ?, moved_to = ?, device = ?, inode = ?, ctime_ns = ? WHERE id = ?`,
  );
  const saveShared = db.prepare<[string, number]>(
    `UPDATE jobs SET key = NULL, token = ? WHERE id = ?`,
  );
  const remove = db.prepare<[number]>(`DELETE FROM jobs WHERE id = ?`);
  const saveState = db.prepare<[...StateValues, number, number]>(
    `UPDATE jobs SET ${stateColumns}, updated_at_ms = ? WHERE id = ?`,
  );
  const saveStates = db.prepare<[...StateValues, number, string]>(
    `UPDATE jobs SET ${stateColumns}, updated_at_ms = ? WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const saveFingerprint = db.prepare<[string, number], Row>(
    `UPDATE jobs SET fingerprint = ? WHERE id = ? RETURNING ${columns}`,
  );
  const saveTarget = db.prepare<[string | null, string | null, string, number]>(
    `UPDATE jobs SET destination = ?, key = ?, token = ? WHERE id = ?`,
  );
  const saveClass = db.prepare<[string | null, number]>(
    `UPDATE jobs SET storage_class = ? WHERE id = ?`,
  );

  function mustGet(id: number): Job {
    const row = byId.get(id);
    if (!row) throw new Error(`No job ${id}`);
    return toJob(row);
  }

  /** Inside a transaction. What else changes with the state goes into `also`. */
  function advance(before: Job, events: readonly JobEvent[], also?: () => void): Job {
    const { id } = before;
    const state = events.reduce((from, event) => {
      const to = transition(from, event);
      if (before.key !== undefined) follow(before.key, openIn(from), openIn(to), event);
      return to;
    }, before.state);
    const updatedAtMs = nowMs();
    saveState.run(...stateValues(state), updatedAtMs, id);
    counts.moved(before.state, state, before.sizeBytes);
    also?.();
    const job = also ? mustGet(id) : { ...before, state, updatedAtMs };
    return noteChange(history, before.state, job);
  }
  /** The same for many that are taken: those that become alike are one statement. */
  function claim(rows: readonly Job[]): Job[] {
    const updatedAtMs = nowMs();
    /** By the state before, which rows with the same text of it share, and by the text of the one after. */
    const next = new Map<JobState | string, JobState>();
    const become = (before: JobState): JobState => {
      const after = transition(before, { type: 'claimed' });
      const text = JSON.stringify(after);
      const state = next.get(text) ?? after;
      next.set(text, state).set(before, state);
      return state;
    };
    const claimed = rows.map((job) => {
      const state = next.get(job.state) ?? become(job.state);
      counts.moved(job.state, state, job.sizeBytes);
      return { ...job, state, updatedAtMs };
    });
    for (const alike of Map.groupBy(claimed, ({ state }) => state).values())
      saveStates.run(
        ...stateValues(alike[0]!.state),
        updatedAtMs,
        JSON.stringify(alike.map(({ id }) => id)),
      );
    return claimed;
  }
  function apply(id: number, events: readonly JobEvent[], also?: () => void): Job {
    isOwing = false;
    const job = atomically(() => advance(mustGet(id), events, also));
    tell(job);
    if (isOwing) afterCommit(onOwed);
    return job;
  }

  let isOwing = false;
  const { together, atomically, afterCommit } = groupOf(db);
  const tell = (job: Job) => afterCommit(() => onChange(job));
  /** Keeps the list of open uploads true: whichever way a job loses one, the storage has to be told. */
  function follow(key: string, before: string | null, after: string | null, { type }: JobEvent) {
    if (type === 'began' && after !== null) uploads.opened(key, after);
    if (before === null || before === after) return;
    if (type === 'stored') return uploads.completed(before);
    uploads.owe(key, before);
    isOwing = true;
  }

  function add(job: NewJob): { job: Job; added: boolean } {
    const { folderId = null, path, sizeBytes, mtimeNs, name, contentType, token, state } = job;
    const target = job.destination ? destinationText(job.destination) : null;
    const now = nowMs();
    const key = job.key ?? null;
    const { device = null, inode = null, ctimeNs = null } = job.file ?? {};
    const place = [folderId, path, sizeBytes, mtimeNs, name, contentType, target];
    const { storageClass = null, isByHand = false } = job;
    const file = [device, inode, ctimeNs, storageClass, Number(isByHand)];
    const values = [...place, key, token, ...file, ...stateValues(state), now, now];
    const { changes, lastInsertRowid } = insert.run(...values);
    if (changes === 1) {
      counts.added(state, sizeBytes);
      // V8 is quick with one spread that comes first, and with no other.
      const added = {
        ...job,
        id: Number(lastInsertRowid),
        isByHand,
        fingerprint: undefined,
        absences: 0,
        createdAtMs: now,
        updatedAtMs: now,
      };
      return { job: noteChange(history, undefined, added), added: true };
    }
    const known = same
      .ofVersion(job)
      .find(
        (other) =>
          isSame(other.destination, job.destination) && other.file?.ctimeNs === job.file?.ctimeNs,
      );
    if (!known) throw new Error(`The job of ${path} was refused by the ledger`);
    return { job: known, added: false };
  }

  return {
    ...folderJobs(db),
    ...lists,
    ...same,
    ...runnableJobs(db, claim, tell),
    together,
    afterCommit,
    apply,
    get: (id: number) => optional(byId.get(id)),
    withKey: (key: string) => optional(byKey.get(key)),
    /** Counts and bytes by kind of state. */
    tally: counts.tally,
    /** One job for each version of a file and each destination: a second sighting changes nothing. */
    enqueue(job: NewJob): { job: Job; added: boolean } {
      const result = atomically(() => add(job));
      crashPoint('after-insert');
      if (result.added) tell(result.job);
      return result;
    },
    /**
     * What the file's bytes are now, as whoever has claimed it finds. An open upload that was begun with other bytes is given up: its
     * metadata names their hash.
     */
    setFingerprint(
      { id, fingerprint: before }: Pick<Job, 'id' | 'fingerprint'>,
      print: Fingerprint,
    ) {
      const row = saveFingerprint.get(JSON.stringify(print), id);
      if (!row) throw new Error(`No job ${id}`);
      const job = toJob(row);
      const isBegun = 'upload' in job.state && job.state.upload !== null;
      return isBegun && before?.sha256 !== print.sha256 ? apply(id, [{ type: 'outdated' }]) : job;
    },
    /** Gives a job its place in the bucket, or none, in the transaction that also moves its state. */
    retarget: (id: number, events: readonly JobEvent[], { destination: to, key, token }: Target) =>
      apply(id, events, () => {
        saveTarget.run(to ? JSON.stringify(to) : null, key ?? null, token, id);
        parts.forget(id);
      }),
    /** Where a job's file is now, and which file it is. Its state, key and upload stay. */
    relocate: (id: number, at: Place) =>
      apply(id, [], () => savePlace.run([...placeColumns(at), id])),
    /** Of the next upload that is begun. */
    setStorageClass: (id: number, storageClass: StorageClass | undefined) =>
      void saveClass.run(storageClass ?? null, id),
    /**
     * Lets a job take over the object of another one, whose file it is now; the other one is forgotten. One that
     * shares the object of a third goes on sharing it: an object is one job's own.
     */
    adopt(id: number, twin: Job, movedTo: Destination | undefined, atMs: number): Job {
      const { key, token, destination: to } = twin;
      if (!key || !to) throw new Error(`Job ${twin.id} has no object`);
      const isShared = isSharing(twin);
      const events: JobEvent[] = isShared
        ? [{ type: 'sameAs', key, atMs }]
        : [{ type: 'outdated' }, { type: 'stored' }];
      return apply(id, events, () => {
        const { path, folderId, file, name: own } = mustGet(id);
        const { state, sizeBytes } = mustGet(twin.id);
        remove.run(twin.id);
        counts.removed(state, sizeBytes);
        saveTarget.run(JSON.stringify(to), isShared ? null : key, token, id);
        const name = isShared ? own : twin.name;
        savePlace.run([...placeColumns({ path, name, folderId, movedTo, ...file }), id]);
        parts.forget(id);
      });
    },
    /** Ends a job whose bytes are in the object of another one already. */
    share: (id: number, { key, token }: Job, atMs: number) =>
      apply(id, [{ type: 'sameAs', key: key!, atMs }], () => {
        saveShared.run(token, id);
        parts.forget(id);
      }),
    addPart: (id: number, uploadId: string, part: SentPart, sentBytes: number) =>
      apply(id, [{ type: 'progressed', sentBytes }], () => {
        parts.add(id, uploadId, part);
        uploads.moved(uploadId);
      }),
    parts: parts.of,
    /** Bytes of its open upload that the storage acknowledged, also while it waits; 0 without one. */
    sentOf({ id, state }: Pick<Job, 'id' | 'state'>): number {
      const upload = openIn(state);
      return upload === null ? 0 : parts.bytes(id, upload);
    },
    /** Bytes that are still to be sent, of all together. */
    leftToSend: () => counts.unsentBytes() - parts.bytesOfOpen(),
    /**
     * Puts back what a crash or a kill left running, hundreds perhaps, in one commit. Called once, before the first
     * claim. What was so before, and came no further, may be the cause: those go behind all others, one by one.
     */
    recover(): Job[] {
      let apart = 0;
      const back = (job: Job) => {
        const { cuts } = 'cuts' in job.state ? job.state : {};
        const atMs = nowMs() + (cuts === undefined ? 0 : (apart += 1) * cuts * CUT_APART_MS);
        return advance(job, [{ type: 'interrupted', atMs, code: null, isCut: true }]);
      };
      const jobs = atomically(() =>
        jobGroups.active.flatMap((kind) => lists.list(kind, -1)).map(back),
      );
      for (const job of jobs) tell(job);
      return jobs;
    },
  };
}

function optional(row: Row | undefined): Job | undefined {
  return row && toJob(row);
}
