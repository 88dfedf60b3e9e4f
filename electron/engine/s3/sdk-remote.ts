import type { S3Client } from '@aws-sdk/client-s3';
import type { Address } from './address.ts';
import { aheadOf } from './clock.ts';
import type { Known } from './known.ts';
import { presign } from './presign.ts';
import type { Remote } from './remote.ts';
import { sdkReading } from './sdk-read.ts';
import { sdkStreaming } from './sdk-stream.ts';
import { sdkWriting } from './sdk-write.ts';
import { signInOf } from './sign-in.ts';

/** `Remote` over the AWS SDK. "It did not throw" is no proof: each answer must carry what only S3 would send. */
export function sdkRemote(
  client: S3Client,
  bucket: string,
  { known, address }: Readonly<{ known: Known; address: Address }>,
): Remote {
  const writing = sdkWriting(client, bucket, known);
  return {
    bucket,
    known,
    ...sdkReading(client, bucket),
    ...writing,
    ...sdkStreaming(client, bucket, writing),
    signDownload: (key, options) => presign(client, address, { bucket, key }, options),
    aheadMs: () => aheadOf(client),
    signIn: () => signInOf(client),
    close: () => client.destroy(),
  };
}
