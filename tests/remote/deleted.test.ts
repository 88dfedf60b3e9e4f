/** @file After a deletion: that an object can be brought back is said only where the storage still has it. */
import {
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { openRemote } from '../support/engine.ts';
import { openServer, unavailable } from '../support/s3-servers.ts';
import { put, signal } from './port.ts';

// Swift’s S3 interface knows no versions.
for (const name of ['embedded', 'rgw'] as const)
  describe.skipIf(unavailable(name))(`on ${name}`, () => {
    test('what a bucket with suspended versioning deletes for good is not said to come back', async () => {
      await using s3 = await openServer(name);
      const { endpoint, region, bucket: Bucket, accessKeyId, secretAccessKey } = s3;
      const credentials = { accessKeyId, secretAccessKey };
      const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
      using remote = openRemote(s3);
      const setVersioning = (Status: 'Enabled' | 'Suspended') =>
        client.send(
          new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }),
        );
      const remove = async (key: string) => {
        const { recoverable } = await remote.deleteObject(key, signal());
        const { Versions = [] } = await client.send(
          new ListObjectVersionsCommand({ Bucket, Prefix: key }),
        );
        return { recoverable, versions: Versions.length };
      };
      const sound = Buffer.from('sound');
      await put(remote, 'before', sound);
      expect(await put(remote, 'never', sound).then(() => remove('never'))).toEqual({
        recoverable: false,
        versions: 0,
      });
      await setVersioning('Enabled');
      await put(remote, 'meanwhile', sound);
      for (const key of ['before', 'meanwhile'])
        expect(await remove(key)).toEqual({ recoverable: true, versions: 1 });
      await setVersioning('Suspended');
      await put(remote, 'since', sound);
      expect(await remove('since')).toEqual({ recoverable: false, versions: 0 });
      client.destroy();
    });
  });
