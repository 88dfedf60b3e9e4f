/**
 * @file The judge of every crash and fault test: holds what lies on the disk, what the ledger says and
 * what the storage has against each other. It reads the storage with a client of its own, byte by byte.
 * The promises are those of docs/RELIABILITY.md.
 */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { jobStore, type Job } from '../../electron/engine/store/jobs.ts';
import type { S3Access } from './s3-servers.ts';
import { allUploads, allVersions } from './storage-list.ts';
import { openSdk } from './sdk-client.ts';

/** SHA-256 of every version that was ever finished at a path, oldest first. */
type Written = ReadonlyMap<string, readonly string[]>;
/** A line that the program printed: what it said, somebody may have relied on. */
export type Told = Readonly<{ event?: string; path?: string; key?: string }>;

type Evidence = Readonly<{
  access: S3Access;
  /** The folder with the ledger. Nobody may be at work in it. */
  home: string;
  written: Written;
  told?: readonly Told[];
  /** UploadIds of others, which have to be there still. */
  foreign?: readonly string[];
  /** All faults are over and the program has come to rest: everything has to be in the storage. */
  isOver?: boolean;
}>;

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

type Stored = { key: string; sha256: string; sizeBytes: number; metadata: Record<string, string> };

/** @returns Each promise that is broken, with what broke it; nothing when all is well. */
export async function auditAll(evidence: Evidence): Promise<string[]> {
  const { access, written, told = [], foreign = [], isOver = false } = evidence;
  const jobs = readLedger(evidence.home);
  const { objects, versionsOf, uploads } = await readStorage(access);
  const byKey = new Map(objects.map((object) => [object.key, object]));
  const broken: string[] = [];
  const say = (promise: string, what: string) => void broken.push(`${promise}: ${what}`);

  for (const { key: own = '', path, token, fingerprint, state } of jobs) {
    if (state.kind !== 'verified') continue;
    const key = state.sameAs ?? own;
    const object = byKey.get(key);
    if (!object) say('P1', `${path} is verified, and there is no ${key}`);
    else if (object.sha256 !== fingerprint?.sha256 || object.sizeBytes !== fingerprint.sizeBytes)
      say('P1', `${path} is verified, and ${key} holds other bytes`);
    else if (object.metadata['upload_token'] !== token)
      say('P1', `${path} is verified, and ${key} is somebody else’s`);
  }

  const finished = new Set([...written.values()].flat());
  for (const { key, sha256: found } of objects)
    if (!finished.has(found)) say('P3', `${key} is no version that was ever finished`);

  const copies = new Map<string, string[]>();
  for (const { key, sha256: found } of objects)
    copies.set(found, [...(copies.get(found) ?? []), key]);
  for (const [version, keys] of copies)
    if (keys.length > 1)
      say(
        'P4',
        `one version has ${keys.length} objects: ${keys.join(', ')} (${version.slice(0, 8)})`,
      );
  for (const [key, count] of versionsOf)
    if (count > 1) say('P4', `${key} was written ${count} times`);

  const live = new Set(
    jobs.flatMap(({ state }) => ('upload' in state ? (state.upload?.id ?? []) : [])),
  );
  const open = new Set(uploads.map(({ id }) => id));
  for (const { id, key } of uploads)
    if (isOver && !live.has(id) && !foreign.includes(id))
      say('P8', `an upload of ${key} stays behind`);
  for (const id of foreign) if (!open.has(id)) say('P8', `somebody else’s upload ${id} is gone`);

  for (const line of told)
    if (!isStillTrue(line, jobs)) say('P9', `was said and is forgotten: ${JSON.stringify(line)}`);

  for (const [path, versions] of isOver ? written : []) {
    const newest = versions.at(-1);
    const isSafe = jobs.some(
      (job) =>
        job.path === path && job.state.kind === 'verified' && job.fingerprint?.sha256 === newest,
    );
    if (!isSafe) say('P2', `the newest version of ${path} is not verified`);
  }
  return broken;
}

/** What was said of a file once stays true: it is known, and what was verified is verified. */
function isStillTrue({ event, path, key }: Told, jobs: readonly Job[]): boolean {
  if (event === 'verified')
    return jobs.some((job) => job.key === key && job.state.kind === 'verified');
  if (event === 'queued' || event === 'progress' || event === 'uploaded')
    return jobs.some((job) => job.path === path && job.key === key);
  return true;
}

/** The lines of a program that may have been killed in the middle of one. */
export function linesOf(stdout: string): Told[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Told); // Each whole line is one of the command line's events.
}

function readLedger(home: string): Job[] {
  const db = openDatabase(join(home, 'ledger.db'));
  try {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok')
      throw new Error('The ledger is damaged');
    return jobStore(db, Date.now).list(undefined, -1);
  } finally {
    db.close();
  }
}

async function readStorage(access: S3Access) {
  using client = openSdk(access);
  const Bucket = access.bucket;
  const versionsOf = new Map<string, number>();
  for (const { Key = '' } of await allVersions(client, Bucket))
    versionsOf.set(Key, (versionsOf.get(Key) ?? 0) + 1);
  const objects: Stored[] = [];
  for (const key of versionsOf.keys()) {
    const { Body, Metadata = {} } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    const bytes = await Body!.transformToByteArray();
    objects.push({ key, sha256: sha256(bytes), sizeBytes: bytes.length, metadata: Metadata });
  }
  return { objects, versionsOf, uploads: await allUploads(client, Bucket) };
}
