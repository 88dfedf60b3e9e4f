/** @file How the bucket is set up, and what would make it safer. A refusal is "unknown", never "none". */
import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import { factNames, type Fact, type Facts } from '#shared/report.ts';
import type { LifecycleFacts } from '../s3/bucket-settings.ts';
import type { Probe } from '../s3/probe.ts';
import type { ObjectInfo } from '../s3/remote.ts';

type Read<T> = Readonly<{ value: T } | { error: AppError }>;

export async function readFacts(probe: Probe): Promise<Facts> {
  const [versioning, encryption, publicAccessBlock, lifecycle, replication, location] =
    await Promise.all([
      reading(probe.versioning),
      reading(probe.encryption),
      reading(probe.publicAccessBlock),
      reading(probe.lifecycle),
      reading(probe.replication),
      reading(probe.location),
    ]);
  return {
    versioning: fact(versioning, 's3:GetBucketVersioning', (value) =>
      value === 'on'
        ? { value }
        : { value, advice: 'Turn it on, so that a deleted recording can be brought back.' },
    ),
    encryption: fact(encryption, 's3:GetEncryptionConfiguration', (value) =>
      value === 'off'
        ? { value, advice: 'Turn on default encryption: AES256, or a key of your own (aws:kms).' }
        : { value },
    ),
    publicAccessBlock: fact(publicAccessBlock, 's3:GetBucketPublicAccessBlock', (value) =>
      value === 'on'
        ? { value }
        : { value, advice: 'Turn on all four settings: files are shared by links that expire.' },
    ),
    lifecycle: fact(lifecycle, 's3:GetLifecycleConfiguration', ({ rules }) => ({
      value: rules === 0 ? 'none' : count(rules, 'rule'),
    })),
    abortsUnfinished: fact(lifecycle, 's3:GetLifecycleConfiguration', unfinishedFact),
    replication: fact(replication, 's3:GetReplicationConfiguration', (value) =>
      value === 'on'
        ? { value }
        : { value, advice: 'A copy in another region would outlive the loss of this one.' },
    ),
    location: fact(location, 's3:GetBucketLocation', (value) => ({ value })),
  };
}

export function unknownFacts(advice: string): Facts {
  return Object.fromEntries(
    factNames.map((name) => [name, { value: 'unknown', advice }]),
  ) as unknown as Facts;
}

/**
 * Whether a deleted object leaves traces. Where the setting may not be read, an object that is there
 * tells it: only in a bucket that never kept versions does it have no version of its own.
 */
export function isVersioned(
  versioning: Fact,
  someObject: ObjectInfo | undefined,
): boolean | 'unknown' {
  if (versioning.value !== 'unknown') return versioning.value !== 'off';
  return someObject ? someObject.versionId !== undefined : 'unknown';
}

function unfinishedFact({ endsUnfinishedAfterDays: days }: LifecycleFacts): Fact {
  return days === undefined
    ? {
        value: 'never',
        advice:
          'Add a lifecycle rule that ends unfinished uploads after 7 days: their parts cost money unseen.',
      }
    : { value: `after ${count(days, 'day')}` };
}

function fact<T>(read: Read<T>, action: string, tell: (value: T) => Fact): Fact {
  if ('value' in read) return tell(read.value);
  const { code, title } = read.error;
  if (code === 'access-denied')
    return { value: 'unknown', advice: `Not visible to this account; ${action} would show it.` };
  const cannotTell = ['not-supported', 'request-refused', 'no-object'].includes(code);
  return { value: 'unknown', advice: cannotTell ? 'This storage does not tell.' : `${title}.` };
}

/** @throws What is not the storage's doing. */
async function reading<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}
