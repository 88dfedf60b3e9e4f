/** @file How a bucket is set up, read setting by setting. */
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors.ts';

export type Lifecycle = Readonly<{
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
    versioning: async (): Promise<'on' | 'suspended' | 'off'> => {
      const { Status } = await ask((options) =>
        client.send(new GetBucketVersioningCommand(here), options),
      );
      if (Status === undefined) return 'off';
      return Status === 'Enabled' ? 'on' : 'suspended';
    },
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
    lifecycle: (): Promise<Lifecycle> =>
      settingOr(
        { rules: 0, endsUnfinishedAfterDays: undefined },
        ['NoSuchLifecycleConfiguration'],
        async () => {
          const { Rules } = await ask((options) =>
            client.send(new GetBucketLifecycleConfigurationCommand(here), options),
          );
          const active = told(Rules).filter(({ Status }) => Status === 'Enabled');
          const days = active.flatMap(
            (rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? [],
          );
          const endsUnfinishedAfterDays = days.length > 0 ? Math.min(...days) : undefined;
          return { rules: active.length, endsUnfinishedAfterDays };
        },
      ),
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

/** `none` where the storage says by name that there is no such setting. A refusal stays an error. */
async function settingOr<T>(none: T, names: readonly string[], read: () => Promise<T>) {
  try {
    return await read();
  } catch (error) {
    const name = error instanceof AppError ? (error.cause as Error | undefined)?.name : undefined;
    if (name !== undefined && names.includes(name)) return none;
    throw error;
  }
}

/** A storage that ignores what it was asked for answers with something else: that is no "none". */
function told<T>(value: T | undefined): T {
  if (value === undefined)
    throw new AppError('not-supported', 'The answer is about something else');
  return value;
}
