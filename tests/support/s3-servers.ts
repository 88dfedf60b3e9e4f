/** @file Every S3 server that the engine is tested against, each with a bucket of its own per test. */
import { randomBytes } from 'node:crypto';

import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { inject } from 'vitest';

import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { canaryKeys } from './canary.ts';
import { customServerMissing, type S3Keys } from './real-servers.ts';
import { tempDir } from './temp-dir.ts';
import { openSdk } from './sdk-client.ts';

/** `custom` is any server at all, named by `S3_TEST_ENDPOINT` and the keys beside it. */
export const serverNames = ['embedded', 'rgw', 'swift', 'custom'] as const;
export type ServerName = (typeof serverNames)[number];

export type S3Access = S3Keys & Readonly<{ name: ServerName; bucket: string }>;

/**
 * Why there are no tests on this server in this run; `undefined` when there are. Give the suite the
 * server's name, so that the run can count at its end what was skipped for which server:
 *
 *     describe.skipIf(unavailable(name))(`on ${name}`, …)
 */
export function unavailable(name: ServerName): string | undefined {
  if (name === 'embedded') return undefined;
  if (name === 'custom') return customServerMissing();
  const state = inject('realServers')[name];
  return 'reason' in state ? state.reason : undefined;
}

/** Opens a server with an empty bucket for one test. Closing deletes the bucket, as far as that goes. */
export async function openServer(name: ServerName): Promise<S3Access & AsyncDisposable> {
  const reason = unavailable(name);
  if (reason !== undefined) throw new Error(`No ${name} server: ${reason}`);
  if (name === 'embedded') return openEmbedded();
  if (name === 'custom') return openBucket(name, customKeys(), process.env.S3_TEST_BUCKET);
  return openBucket(name, inject('realServers')[name] as S3Keys); // `unavailable` has looked.
}

async function openEmbedded(): Promise<S3Access & AsyncDisposable> {
  const dir = await tempDir();
  const server = await startEmbeddedS3({ dataDir: dir.path, ...canaryKeys });
  return {
    ...server,
    name: 'embedded',
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** @param given A bucket that is there already and must be empty; it is emptied again, not deleted. */
async function openBucket(
  name: ServerName,
  keys: S3Keys,
  given?: string,
): Promise<S3Access & AsyncDisposable> {
  const { endpoint, region, accessKeyId, secretAccessKey } = keys;
  const bucket = given ?? `pansea-${randomBytes(8).toString('hex')}`;
  const client = openSdk(keys);
  if (given === undefined) await client.send(new CreateBucketCommand({ Bucket: bucket }));
  else if ((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount !== 0)
    throw new Error(`The tests delete all they find in S3_TEST_BUCKET, and ${bucket} is not empty`);
  return {
    name,
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    bucket,
    [Symbol.asyncDispose]: async () => {
      try {
        await empty(client, bucket);
        if (given === undefined) await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      } catch (error) {
        console.log(`Bucket ${bucket} stays behind on ${name}: ${String(error)}`);
      } finally {
        client.destroy();
      }
    },
  };
}

async function empty(client: S3Client, bucket: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  for (const { Key, UploadId } of Uploads)
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  for (let more = true; more;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    // One by one: DeleteObjects wants a checksum, and servers differ in which they take.
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
    more = page.IsTruncated === true;
  }
}

const customKeys = (): S3Keys => ({
  endpoint: process.env.S3_TEST_ENDPOINT ?? '',
  region: process.env.S3_TEST_REGION ?? 'us-east-1',
  accessKeyId: process.env.S3_TEST_ACCESS_KEY_ID ?? '',
  secretAccessKey: process.env.S3_TEST_SECRET_ACCESS_KEY ?? '',
});
