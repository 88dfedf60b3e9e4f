/** @file How a bucket is set up, read setting by setting. */
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { askLifecycle } from './lifecycle.ts';
import type { Versioning } from './remote.ts';
import { settingOr, told } from './setting.ts';

export type LifecycleFacts = Readonly<{
  rules: number;
  /** Days after which unfinished uploads are removed; `undefined` when no rule does that. */
  endsUnfinishedAfterDays: number | undefined;
}>;

/** Sends one request, within the bounds of whoever asks. */
export type Ask = <T>(
  question: (options: { abortSignal: AbortSignal }) => Promise<T>,
) => Promise<T>;

/** Each throws when the setting may not be read or is unknown to the storage: that is not "none". */
export function bucketSettings(client: S3Client, bucket: string, ask: Ask) {
  const here = { Bucket: bucket };
  return {
    versioning: (): Promise<Versioning> =>
      ask(({ abortSignal }) => readVersioning(client, bucket, abortSignal)),
    encryption: (): Promise<string> =>
      settingOr('off', ['ServerSideEncryptionConfigurationNotFoundError'], async () => {
        const { ServerSideEncryptionConfiguration: found } = await ask((options) =>
          client.send(new GetBucketEncryptionCommand(here), options),
        );
        return told(found?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm);
      }),
    publicAccessBlock: (): Promise<'on' | 'partly' | 'off'> =>
      settingOr('off', ['NoSuchPublicAccessBlockConfiguration'], async () => {
        const { PublicAccessBlockConfiguration: found } = await ask((options) =>
          client.send(new GetPublicAccessBlockCommand(here), options),
        );
        const four = [
          found?.BlockPublicAcls,
          found?.IgnorePublicAcls,
          found?.BlockPublicPolicy,
          found?.RestrictPublicBuckets,
        ];
        told(four.find((setting) => setting !== undefined));
        if (four.every(Boolean)) return 'on';
        return four.some(Boolean) ? 'partly' : 'off';
      }),
    lifecycle: async (): Promise<LifecycleFacts> => {
      const { rules } = await ask(({ abortSignal }) => askLifecycle(client, bucket, abortSignal));
      const active = rules.filter(({ Status }) => Status === 'Enabled');
      const days = active.flatMap(
        (rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? [],
      );
      const endsUnfinishedAfterDays = days.length > 0 ? Math.min(...days) : undefined;
      return { rules: active.length, endsUnfinishedAfterDays };
    },
    replication: (): Promise<'on' | 'off'> =>
      settingOr('off', ['ReplicationConfigurationNotFoundError'], async () => {
        const { ReplicationConfiguration: found } = await ask((options) =>
          client.send(new GetBucketReplicationCommand(here), options),
        );
        const isOn = told(found?.Rules).some(({ Status }) => Status === 'Enabled');
        return isOn ? 'on' : 'off';
      }),
    location: async (): Promise<string> => {
      const { LocationConstraint } = await ask((options) =>
        client.send(new GetBucketLocationCommand(here), options),
      );
      // AWS's first region has no name of its own here, and Europe's first an old one.
      if (!LocationConstraint) return 'us-east-1';
      return LocationConstraint === 'EU' ? 'eu-west-1' : LocationConstraint;
    },
  };
}

/** @throws What the storage says that does not tell. */
export async function readVersioning(
  client: S3Client,
  bucket: string,
  abortSignal: AbortSignal,
): Promise<Versioning> {
  const asked = new GetBucketVersioningCommand({ Bucket: bucket });
  const { Status } = await client.send(asked, { abortSignal });
  if (Status === undefined) return 'off';
  return Status === 'Enabled' ? 'on' : 'suspended';
}
