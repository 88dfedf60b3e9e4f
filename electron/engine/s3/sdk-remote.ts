import type { S3Client } from '@aws-sdk/client-s3';
import { presign } from './presign.ts';
import { toStorageError } from './errors.ts';
import type { Remote } from './remote.ts';
import { sdkReading } from './sdk-read.ts';
import { sdkWriting } from './sdk-write.ts';

/** `Remote` over the AWS SDK. "It did not throw" is no proof: each answer must carry what only S3 would send. */
export function sdkRemote(client: S3Client, bucket: string): Remote {
  return {
    bucket,
    ...sdkReading(client, bucket),
    ...sdkWriting(client, bucket),
    signDownload: (key, options) => presign(client, bucket, key, options),

    async credentialsExpireAtMs() {
      const { expiration } = await client.config.credentials().catch((error: unknown) => {
        throw toStorageError(error);
      });
      return expiration?.getTime();
    },

    close: () => client.destroy(),
  };
}
