import type { S3Client } from '@aws-sdk/client-s3';
import type { Address } from './address.ts';
import { aheadOf } from './clock.ts';
import type { Known } from './known.ts';
import { presign } from './presign.ts';
import { sdkReading } from './sdk-read.ts';
import { sdkVersions } from './sdk-versions.ts';
import { sdkWriting } from './sdk-write.ts';
import { signInOf } from './sign-in.ts';
import type { Unpaced } from './throttle.ts';

/** `Remote` over the AWS SDK. "It did not throw" is no proof: each answer must carry what only S3 would send. */
export function sdkRemote(
  client: S3Client,
  bucket: string,
  { known, address }: Readonly<{ known: Known; address: Address }>,
): Unpaced {
  const reading = sdkReading(client, bucket);
  return {
    bucket,
    known,
    ...reading,
    ...sdkVersions(client, bucket),
    ...sdkWriting(client, bucket, known, reading),
    signDownload: (key, options) => presign(client, address, { bucket, key }, options),
    aheadMs: () => aheadOf(client),
    signIn: () => signInOf(client),
    close: () => client.destroy(),
  };
}
