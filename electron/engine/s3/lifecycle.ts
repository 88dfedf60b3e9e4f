/** @file The lifecycle rules of a bucket, as they are. */
import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  type LifecycleRule as SdkRule,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { LifecycleRule } from '#shared/lifecycle.ts';
import { settingOr, told } from './setting.ts';

export type Lifecycle = Readonly<{
  rules: readonly LifecycleRule[];
  /** AWS's own setting beside the rules, to be sent back as it was. */
  minimumSize: TransitionDefaultMinimumObjectSize | undefined;
}>;

/** @throws AppError `rules-denied`, `rules-unknown` */
export async function readLifecycle(
  client: S3Client,
  bucket: string,
  abortSignal: AbortSignal,
): Promise<Lifecycle> {
  try {
    const { rules, minimumSize } = await askLifecycle(client, bucket, abortSignal);
    return { rules: rules as unknown as LifecycleRule[], minimumSize };
  } catch (error) {
    throw named(error, { 'access-denied': 'rules-denied', 'not-supported': 'rules-unknown' });
  }
}

type Asked = Pick<Lifecycle, 'minimumSize'> & Readonly<{ rules: readonly SdkRule[] }>;

/** The same, in the words of the SDK; a refusal is thrown as it was heard. */
export function askLifecycle(
  client: S3Client,
  bucket: string,
  abortSignal: AbortSignal,
): Promise<Asked> {
  const none = { rules: [], minimumSize: undefined };
  return settingOr<Asked>(none, ['NoSuchLifecycleConfiguration'], async () => {
    const { Rules, TransitionDefaultMinimumObjectSize } = await client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }),
      { abortSignal },
    );
    return { rules: told(Rules), minimumSize: TransitionDefaultMinimumObjectSize };
  });
}

/** Puts them in the place of all that the bucket has. @throws AppError `rules-denied`; `not-supported` of such a rule */
export async function writeLifecycle(
  client: S3Client,
  bucket: string,
  { rules, minimumSize }: Lifecycle,
  abortSignal: AbortSignal,
): Promise<void> {
  const at = { Bucket: bucket };
  try {
    // An empty list is no list to S3.
    if (rules.length === 0)
      await client.send(new DeleteBucketLifecycleCommand(at), { abortSignal });
    else
      await client.send(
        new PutBucketLifecycleConfigurationCommand({
          ...at,
          LifecycleConfiguration: { Rules: rules as unknown as SdkRule[] },
          ...(minimumSize && { TransitionDefaultMinimumObjectSize: minimumSize }),
        }),
        { abortSignal },
      );
  } catch (error) {
    throw named(error, { 'access-denied': 'rules-denied' });
  }
}

type Names = Partial<Record<ErrorCode, ErrorCode>>;

function named(error: unknown, names: Names): unknown {
  const name = error instanceof AppError && names[error.code];
  if (!name) return error;
  return new AppError(name, error.message, { cause: error, requestId: error.requestId });
}
