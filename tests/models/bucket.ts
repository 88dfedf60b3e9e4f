/** @file What the storage really holds, asked past the engine. */
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { allUploads, allVersions } from '../support/storage-list.ts';
import { openSdk } from '../support/sdk-client.ts';

export type HeldObject = Readonly<{
  key: string;
  sha256: string;
  sizeBytes: number;
  token: string | undefined;
  /** Versions that the key ever had; more than one means that something was overwritten. */
  versions: number;
}>;

/** Bytes are read once for each version of a key: a version never changes. */
export async function openBucket(access: S3Access, remote: Remote) {
  const { bucket: Bucket } = access;
  const client = openSdk(access);
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const read = new Map<string, Omit<HeldObject, 'versions'>>();

  async function readOnce(key: string, version: string): Promise<Omit<HeldObject, 'versions'>> {
    const known = read.get(`${key} ${version}`);
    if (known) return known;
    const signal = AbortSignal.timeout(30_000);
    const info = await remote.head(key, signal);
    const sha256 = createHash('sha256');
    for await (const piece of await remote.read(key, 0, undefined, signal))
      sha256.update(piece as Buffer);
    const token = info?.metadata['upload_token'];
    const held = { key, sha256: sha256.digest('hex'), sizeBytes: info?.sizeBytes ?? -1, token };
    read.set(`${key} ${version}`, held);
    return held;
  }

  return {
    async objects(): Promise<Map<string, HeldObject>> {
      const versions = await allVersions(client, Bucket);
      const count = new Map<string, number>();
      for (const { Key = '' } of versions) count.set(Key, (count.get(Key) ?? 0) + 1);
      const held = new Map<string, HeldObject>();
      for (const { Key = '', VersionId = '', IsLatest } of versions)
        if (IsLatest)
          held.set(Key, { ...(await readOnce(Key, VersionId)), versions: count.get(Key) ?? 0 });
      return held;
    },
    unfinished: () => allUploads(client, Bucket),
    close: () => client.destroy(),
  };
}
