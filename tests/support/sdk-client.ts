import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Keys } from './real-servers.ts';

/** The AWS SDK, as somebody else has it who uses the same storage. */
export function openSdk(
  { endpoint, region, accessKeyId, secretAccessKey }: S3Keys,
  config: S3ClientConfig = {},
): S3Client & Disposable {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials, ...config });
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}
