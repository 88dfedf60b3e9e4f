import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { jobState, transition, type JobEvent, type JobKind, type JobState } from '#shared/job.ts';
import { destination, type Destination } from '#shared/recording.ts';
import { crashPoint } from '../test-hooks.ts';

/** What one pass over the local bytes gave. CRC-32 as unsigned integers. */
const fingerprint = z.object({ sha256: z.string(), crc32: z.int(), sizeBytes: z.int() });
export type Fingerprint = z.infer<typeof fingerprint>;

export type FileVersion = Readonly<{ path: string; sizeBytes: number; mtimeNs: string }>;

export type Job = FileVersion &
  Readonly<{
    id: number;
    folderId: number | undefined;
    name: string;
    contentType: string;
    destination: Destination | undefined;
    key: string | undefined;
    token: string;
    fingerprint: Fingerprint | undefined;
    state: JobState;
    createdAtMs: number;
    updatedAtMs: number;
  }>;

export type NewJob = Omit<Job, 'id' | 'fingerprint' | 'createdAtMs' | 'updatedAtMs'>;
/** A part that the storage acknowledged. */
export type SentPart = Readonly<{ number: number; sizeBytes: number; crc32: number; etag: string }>;

type Row = {
  id: number;
  folder_id: number | null;
  path: string;
  size_bytes: number;
  mtime_ns: string;
  name: string;
  content_type: string;
  destination: string | null;
  key: string | null;
  token: string;
  fingerprint: string | null;
  state: string;
  created_at_ms: number;
  updated_at_ms: number;
};

export type JobStore = ReturnType<typeof jobStore>;

/**
 * The jobs table and its parts. Every change of state goes through `apply`, so no row can skip a
 * transition, and `onChange` hears of each after its commit.
 */
export function jobStore(db: Database, nowMs: () => number, onChange: (job: Job) => void) {
  const byId = db.prepare<[number], Row>(`SELECT * FROM jobs WHERE id = ?`);
  const byKey = db.prepare<[string], Row>(`SELECT * FROM jobs WHERE key = ?`);
  const byVersion = db.prepare<[string, number, string], Row>(
    `SELECT * FROM jobs WHERE path = ? AND size_bytes = ? AND mtime_ns = ? ORDER BY id`,
  );
  const byPath = db.prepare<[string], Row>(`SELECT * FROM jobs WHERE path = ? ORDER BY id`);
  const runnable = db.prepare<[number], Row>(
    `SELECT * FROM jobs WHERE kind IN ('queued', 'uploaded') AND not_before_ms <= ? ORDER BY not_before_ms, id LIMIT 1`,
  );
  const nextStart = db
    .prepare<[], number | null>(
      `SELECT min(not_before_ms) FROM jobs WHERE kind IN ('queued', 'uploaded')`,
    )
    .pluck();
  const ofKind = db.prepare<[string, number], Row>(
    `SELECT * FROM jobs WHERE kind = ? ORDER BY id LIMIT ?`,
  );
  const all = db.prepare<[number], Row>(`SELECT * FROM jobs ORDER BY id LIMIT ?`);
  const page = db.prepare<[string, number, number], Row>(
    `SELECT * FROM jobs WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ? OFFSET ?`,
  );
  const countOf = db
    .prepare<[string], number>(
      `SELECT count(*) FROM jobs WHERE kind IN (SELECT value FROM json_each(?))`,
    )
    .pluck();
  const tally = db.prepare<[], { kind: JobKind; count: number; bytes: number }>(
    `SELECT kind, count(*) AS count, sum(size_bytes) AS bytes FROM jobs GROUP BY kind`,
  );
  // SQLite takes the other columns from the row that has the maximum.
  const causes = db.prepare<[string], Row & { files: number; newest: number }>(
    `SELECT *, count(*) AS files, max(id) AS newest FROM jobs
     WHERE kind IN (SELECT value FROM json_each(?))
     GROUP BY kind, state ->> 'code', state ->> 'reason' ORDER BY files DESC`,
  );
  const insert = db.prepare<[unknown[], string, number, number], Row>(
    `INSERT INTO jobs (folder_id, path, size_bytes, mtime_ns, name, content_type, destination, key, token, state, created_at_ms, updated_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`,
  );
  const saveState = db.prepare<[string, number, number]>(
    `UPDATE jobs SET state = ?, updated_at_ms = ? WHERE id = ?`,
  );
  const saveFingerprint = db.prepare<[string, number]>(
    `UPDATE jobs SET fingerprint = ? WHERE id = ?`,
  );
  const saveTarget = db.prepare<[string, string, string, number]>(
    `UPDATE jobs SET destination = ?, key = ?, token = ? WHERE id = ?`,
  );
  const insertPart = db.prepare<[number, string, number, number, number, string]>(
    `INSERT OR REPLACE INTO parts (job_id, upload_id, number, size_bytes, crc32, etag) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const partsOf = db.prepare<[number, string], SentPart>(
    `SELECT number, size_bytes AS sizeBytes, crc32, etag FROM parts WHERE job_id = ? AND upload_id = ? ORDER BY number`,
  );
  const forgetParts = db.prepare<[number]>(`DELETE FROM parts WHERE job_id = ?`);

  function mustGet(id: number): Job {
    const row = byId.get(id);
    if (!row) throw new Error(`No job ${id}`);
    return toJob(row);
  }

  /** Moves a job through `events`, in one transaction; what else changes with them goes into `also`. */
  const move = db.transaction((id: number, events: readonly JobEvent[], also?: () => void): Job => {
    const state = events.reduce(transition, mustGet(id).state);
    saveState.run(JSON.stringify(state), nowMs(), id);
    also?.();
    return mustGet(id);
  });
  function apply(id: number, events: readonly JobEvent[], also?: () => void): Job {
    const job = move.immediate(id, events, also);
    onChange(job);
    return job;
  }

  const claimNext = db.transaction((atMs: number): Job | undefined => {
    const row = runnable.get(atMs);
    return row && move(row.id, [{ type: 'claimed' }]);
  });

  const add = db.transaction((job: NewJob): { job: Job; added: boolean } => {
    const { folderId = null, path, sizeBytes, mtimeNs, name, contentType, token, state } = job;
    const target = job.destination ? JSON.stringify(destination.parse(job.destination)) : null;
    const now = nowMs();
    const key = job.key ?? null;
    const values = [folderId, path, sizeBytes, mtimeNs, name, contentType, target, key, token];
    const row = insert.get(values, JSON.stringify(state), now, now);
    if (row) return { job: toJob(row), added: true };
    const known = byVersion
      .all(path, sizeBytes, mtimeNs)
      .find((other) => other.destination === target);
    if (!known) throw new Error(`The job of ${path} was refused by the ledger`);
    return { job: toJob(known), added: false };
  });

  return {
    apply,
    get: (id: number) => optional(byId.get(id)),
    withKey: (key: string) => optional(byKey.get(key)),
    /** The jobs of one version of a file, oldest first: one for each place it was sent to. */
    ofVersion: (v: FileVersion) => byVersion.all(v.path, v.sizeBytes, v.mtimeNs).map(toJob),
    ofPath: (path: string) => byPath.all(path).map(toJob),
    list: (kind: JobKind | undefined, limit: number) =>
      (kind === undefined ? all.all(limit) : ofKind.all(kind, limit)).map(toJob),
    /** Newest first, with the number of all of them. */
    page(kinds: readonly JobKind[], offset: number, limit: number): { rows: Job[]; total: number } {
      const wanted = JSON.stringify(kinds);
      return { rows: page.all(wanted, limit, offset).map(toJob), total: countOf.get(wanted) ?? 0 };
    },
    /** Jobs of these kinds by what is the matter with them: how many, and the newest. */
    causes: (kinds: readonly JobKind[]) =>
      causes.all(JSON.stringify(kinds)).map((row) => ({ newest: toJob(row), files: row.files })),
    /** Counts and bytes by kind of state. */
    tally: () => tally.all(),
    /** When the earliest waiting job may start, Unix milliseconds. */
    nextStartMs: () => nextStart.get() ?? undefined,
    /** One job for each version of a file and each destination: a second sighting changes nothing. */
    enqueue(job: NewJob): { job: Job; added: boolean } {
      const result = add.immediate(job);
      crashPoint('after-insert');
      if (result.added) onChange(result.job);
      return result;
    },
    /** Takes the oldest runnable job, or `undefined`. Two callers never get the same one. */
    claim(atMs: number): Job | undefined {
      const job = claimNext.immediate(atMs);
      if (job) onChange(job);
      return job;
    },
    /**
     * What the file's bytes are now. An open upload that was begun with other bytes is given up: its
     * metadata names their hash.
     */
    setFingerprint(id: number, print: Fingerprint): Job {
      const { fingerprint: before, state } = mustGet(id);
      const save = () => void saveFingerprint.run(JSON.stringify(print), id);
      if ('upload' in state && state.upload !== null && before?.sha256 !== print.sha256)
        return apply(id, [{ type: 'outdated' }], save);
      save();
      return mustGet(id);
    },
    /** Gives a job its place in the bucket, in the transaction that also moves its state. */
    retarget: (
      id: number,
      events: readonly JobEvent[],
      to: Destination,
      key: string,
      token: string,
    ) =>
      apply(id, events, () => {
        saveTarget.run(JSON.stringify(to), key, token, id);
        forgetParts.run(id);
      }),
    addPart: (id: number, uploadId: string, part: SentPart, sentBytes: number) =>
      apply(id, [{ type: 'progressed', sentBytes }], () =>
        insertPart.run(id, uploadId, part.number, part.sizeBytes, part.crc32, part.etag),
      ),
    parts: (id: number, uploadId: string) => partsOf.all(id, uploadId),
    /** Puts back what a crash or a kill left running. Called once, before the first claim. */
    recover(): Job[] {
      const running = (['uploading', 'verifying'] as const).flatMap((kind) => ofKind.all(kind, -1));
      return running.map(({ id }) =>
        apply(id, [{ type: 'interrupted', atMs: nowMs(), code: null }]),
      );
    },
  };
}

function optional(row: Row | undefined): Job | undefined {
  return row && toJob(row);
}

function toJob(row: Row): Job {
  return {
    id: row.id,
    folderId: row.folder_id ?? undefined,
    path: row.path,
    sizeBytes: row.size_bytes,
    mtimeNs: row.mtime_ns,
    name: row.name,
    contentType: row.content_type,
    destination:
      row.destination === null ? undefined : destination.parse(JSON.parse(row.destination)),
    key: row.key ?? undefined,
    token: row.token,
    fingerprint:
      row.fingerprint === null ? undefined : fingerprint.parse(JSON.parse(row.fingerprint)),
    state: jobState.parse(JSON.parse(row.state)),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
