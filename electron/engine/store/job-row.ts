/** @file A row of the jobs table, and the job that it stands for. */
import { z } from 'zod';
import { jobState, type JobState } from '#shared/job.ts';
import { destination, type Destination } from '#shared/recording.ts';
import { storageClasses, type StorageClass } from '#shared/storage-class.ts';

/** What one pass over the local bytes gave. CRC-32 as unsigned integers. */
const fingerprint = z.object({ sha256: z.string(), crc32: z.int(), sizeBytes: z.int() });
export type Fingerprint = z.infer<typeof fingerprint>;

export type FileVersion = Readonly<{ path: string; sizeBytes: number; mtimeNs: string }>;

/** Which file it was when it was last seen; see `Sighting`. */
export type FileIdentity = Readonly<{ device: string; inode: string; ctimeNs: string }>;

export type Job = FileVersion &
  Readonly<{
    id: number;
    file?: FileIdentity | undefined;
    /** Where its file went after it had been stored at `destination`. */
    movedTo?: Destination | undefined;
    folderId: number | undefined;
    /** A person has said where it goes. */
    isByHand?: boolean | undefined;
    name: string;
    contentType: string;
    destination: Destination | undefined;
    key: string | undefined;
    token: string;
    /** Of the object; `undefined` for the storage's usual one. */
    storageClass?: StorageClass | undefined;
    fingerprint: Fingerprint | undefined;
    state: JobState;
    /** In so many complete scans in a row its file was not at its path. */
    absences: number;
    createdAtMs: number;
    updatedAtMs: number;
  }>;

/** At one path. */
export function isSameVersion(
  job: Job,
  { sizeBytes, mtimeNs }: Pick<FileVersion, 'sizeBytes' | 'mtimeNs'>,
): boolean {
  return job.sizeBytes === sizeBytes && job.mtimeNs === mtimeNs;
}

export function isSameFile({ file }: Job, { device, inode, ctimeNs }: FileIdentity): boolean {
  return file?.device === device && file.inode === inode && file.ctimeNs === ctimeNs;
}

/** Whether its bytes are in the object of another job, and it has none of its own. */
export function isSharing({ state }: Job): boolean {
  return state.kind === 'verified' && state.sameAs !== undefined;
}

export type Row = {
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
  device: string | null;
  inode: string | null;
  ctime_ns: string | null;
  moved_to: string | null;
  absences: number;
  storage_class: string | null;
  by_hand: number;
};

/** Without those that the state tells. */
export const columns = `id, folder_id, path, size_bytes, mtime_ns, name, content_type, destination, key, token,
  fingerprint, state, created_at_ms, updated_at_ms, device, inode, ctime_ns, moved_to, absences, storage_class, by_hand`;

/** What is written of a state: all of it, and what is searched for. */
export const stateColumns = 'state = ?, kind = ?, not_before_ms = ?, same_as = ?';
export type StateValues = [
  state: string,
  kind: string,
  notBeforeMs: number | null,
  sameAs: string | null,
];

export function stateValues(state: JobState): StateValues {
  const notBeforeMs = 'notBeforeMs' in state ? state.notBeforeMs : null;
  const sameAs = 'sameAs' in state ? (state.sameAs ?? null) : null;
  return [JSON.stringify(state), state.kind, notBeforeMs, sameAs];
}

/** Where a job's file is, and which file it is. */
export type Place = Partial<FileIdentity> &
  Readonly<{
    path: string;
    name: string;
    folderId: number | undefined;
    movedTo: Destination | undefined;
  }>;

/** The columns of a place, in the order of the ledger's statement. */
export function placeColumns(at: Place): unknown[] {
  const { path, name, folderId = null, device = null, inode = null, ctimeNs = null } = at;
  const movedTo = at.movedTo ? JSON.stringify(at.movedTo) : null;
  return [path, name, folderId, movedTo, device, inode, ctimeNs];
}

/** @returns Reads what very many rows have in common once. */
function inCommon<T>(schema: z.ZodType<T>): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = Object.freeze(schema.parse(JSON.parse(text)));
    if (known.size === MOST_IN_COMMON) known.clear();
    known.set(text, value);
    return value;
  };
}
const MOST_IN_COMMON = 200;
const stateOf = inCommon(jobState);
const destinationOf = inCommon(destination);
const textOf = inCommon(destination.transform((to) => JSON.stringify(to)));

/** As the ledger has it, by which one is told from another. @throws ZodError for what is none. */
export const destinationText = (to: Destination): string => textOf(JSON.stringify(to));

export function toJob(row: Row): Job {
  const { device, inode, ctime_ns: ctimeNs } = row;
  const state = stateOf(row.state);
  return {
    id: row.id,
    folderId: row.folder_id ?? undefined,
    isByHand: row.by_hand === 1,
    path: row.path,
    sizeBytes: row.size_bytes,
    mtimeNs: row.mtime_ns,
    name: row.name,
    contentType: row.content_type,
    destination: row.destination === null ? undefined : destinationOf(row.destination),
    key: row.key ?? (state.kind === 'verified' ? state.sameAs : undefined),
    token: row.token,
    storageClass: storageClasses.find((known) => known === row.storage_class),
    fingerprint:
      row.fingerprint === null ? undefined : fingerprint.parse(JSON.parse(row.fingerprint)),
    state,
    file:
      device === null || inode === null || ctimeNs === null
        ? undefined
        : { device, inode, ctimeNs },
    movedTo: row.moved_to === null ? undefined : destinationOf(row.moved_to),
    absences: row.absences,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
