/** @file A bucket that keeps what is deleted in it, and the ledger of a computer that has uploaded to it. */
import {
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { join } from 'node:path';
import { ledgerOf } from '../../electron/engine/library/bring-back.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { linkState } from '../../electron/engine/store/links.ts';
import { countingServer, openTestEngine, randomFile, signal, toBio } from './engine.ts';
import type { S3Access } from './s3-servers.ts';
import { allVersions } from './storage-list.ts';
import { tempDir } from './temp-dir.ts';
import { openSdk } from './sdk-client.ts';

/** The storage as its admin meets it. */
export function clientOf(access: S3Access) {
  const { bucket: Bucket } = access;
  const client = openSdk(access);
  return {
    setVersioning: (Status: 'Enabled' | 'Suspended') =>
      client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })),
    versions: () => allVersions(client, Bucket),
    /** Another version under the same key, of the same size and with the same metadata. */
    async damage(Key: string) {
      const { Metadata, ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key }));
      const Body = Buffer.alloc(ContentLength!);
      await client.send(new PutObjectCommand({ Bucket, Key, Body, Metadata }));
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** A bucket that keeps versions, with one recording of this computer in it, which has a link. */
export async function openKept(wrap?: (remote: Remote) => Remote) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const client = stack.use(clientOf(s3));
  await client.setVersioning('Enabled');
  const dir = stack.use(await tempDir());
  const path = join(dir.path, 'Cells.mp3');
  await randomFile(path, 100_000);
  const { engine, home, remote } = stack.use(
    openTestEngine(s3, dir.path, {
      quietMs: 30,
      random: () => 0,
    }),
  );
  const [job] = await engine.uploadNow([path], toBio, signal());
  if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
  const ledger = ledgerOf(home.database, engine.jobs, Date.now);
  const { links, objects, history } = ledger;
  const key = job.key!;
  const link = { key, place: remote.place, name: 'Cells.mp3', mode: 'watch' } as const;
  links.insert({
    ...link,
    note: null,
    mayEndSooner: false,
    createdAtMs: Date.now(),
    expiresAtMs: Date.now() + 3_600_000,
  });
  await objects.add({ key, sizeBytes: 1, lastModifiedMs: 1, storageClass: null, name: null });
  return {
    s3,
    client,
    engine,
    path,
    key,
    remote: wrap?.(remote) ?? remote,
    database: home.database,
    ledger,
    remove: () => removeObject(remote, ledger, key, Date.now(), signal()),
    job: () => engine.jobs.get(job.id),
    state: () => engine.jobs.get(job.id)?.state,
    linkState: () => linkState(links.list()[0]!, Date.now()),
    /** Newest first. */
    told: () =>
      history
        .each(null)
        .map(({ kind }) => kind)
        .toReversed(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
