/** @file The S3 actions that the product uses, and the IAM policies made of them. */
import { destinationKinds } from './recording.ts';

type Action = Readonly<{
  /** What it lets a person do, as the title of a check. */
  does: string;
  /** What is turned off without it. */
  without: string;
  on: 'bucket' | 'objects';
  /** `essential`: it does not work well without. `useful`: it works, a little worse. `extra`: no part of the least policy, for the few. */
  need: 'essential' | 'useful' | 'extra';
  /** Whether the policy of the backend's guide grants it. */
  guide: boolean;
}>;

export const s3Actions = {
  's3:ListBucket': {
    does: 'List and search',
    without:
      'The bucket cannot be listed, searched or audited, and a missing object looks like a forbidden one.',
    on: 'bucket',
    need: 'essential',
    guide: true,
  },
  's3:PutObject': {
    does: 'Upload',
    without: 'Nothing can be uploaded; recordings wait on this computer.',
    on: 'objects',
    need: 'essential',
    guide: true,
  },
  's3:GetObject': {
    does: 'Read, verify, share',
    without: 'Uploads cannot be verified; downloads, metadata and links do not work.',
    on: 'objects',
    need: 'essential',
    guide: true,
  },
  's3:DeleteObject': {
    does: 'Delete',
    without: 'Nothing in the bucket can be deleted from here.',
    on: 'objects',
    need: 'essential',
    guide: true,
  },
  's3:AbortMultipartUpload': {
    does: 'Clean up unfinished uploads',
    without:
      'Unfinished uploads cannot be cleaned up from here. Allow it, or let a lifecycle rule of the bucket do it.',
    on: 'objects',
    need: 'useful',
    guide: false,
  },
  's3:ListMultipartUploadParts': {
    does: 'See which parts arrived',
    without: 'An interrupted upload goes on by this computer’s own list of what it has sent.',
    on: 'objects',
    need: 'useful',
    guide: false,
  },
  's3:ListBucketMultipartUploads': {
    does: 'See unfinished uploads',
    without: 'Unfinished uploads that this computer does not know of cannot be shown.',
    on: 'bucket',
    need: 'useful',
    guide: false,
  },
  's3:GetObjectVersion': {
    does: 'Read old versions',
    without:
      'Of what was deleted, names that this computer does not know are not seen. Nothing else here needs that.',
    on: 'objects',
    need: 'extra',
    guide: true,
  },
  's3:ListBucketVersions': {
    does: 'See what was deleted',
    without: 'What was deleted cannot be listed from here, nor brought back: an admin can.',
    on: 'bucket',
    need: 'extra',
    guide: false,
  },
  's3:DeleteObjectVersion': {
    does: 'Bring back what was deleted',
    without: 'What was deleted cannot be brought back from here: an admin can.',
    on: 'objects',
    need: 'extra',
    guide: false,
  },
  's3:RestoreObject': {
    does: 'Make archived recordings readable',
    without: 'What lies in an archive waits for an admin.',
    on: 'objects',
    need: 'extra',
    guide: false,
  },
} as const satisfies Record<string, Action>;

/** No part of the least: with each use it costs. A connection test asks for it with a key that nobody has. */
export const RESTORE = 's3:RestoreObject' satisfies S3Action;

/** To see what was deleted, and to take a deletion away. Nor are these: whoever has the last may delete for good. */
const deletedActions = [
  's3:ListBucketVersions',
  's3:GetBucketVersioning',
  's3:GetLifecycleConfiguration',
] as const;
const DELETE_VERSION = 's3:DeleteObjectVersion' satisfies S3Action;

export type S3Action = keyof typeof s3Actions;
/** In the order in which they are shown. */
export const s3ActionNames = Object.keys(s3Actions) as [S3Action, ...S3Action[]];

export const permissions = ['allowed', 'denied', 'unknown'] as const;
export type Permission = (typeof permissions)[number];

type Statement = Readonly<{
  Sid: string;
  Effect: 'Allow';
  Action: readonly (S3Action | (typeof deletedActions)[number])[];
  Resource: string | readonly string[];
}>;
export type PolicyDocument = Readonly<{ Version: '2012-10-17'; Statement: readonly Statement[] }>;

/**
 * The least that all of every day works with, down to the three prefixes of the layout. What is in an archive, and
 * what was deleted, takes `restorePolicy` and `bringBackPolicy`.
 */
export function minimalPolicy(bucket: string, region: string): PolicyDocument {
  const arn = bucketArn(bucket, region);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'PanSeaSyncBucket',
        Effect: 'Allow',
        Action: needed('bucket'),
        Resource: arn,
      },
      {
        Sid: 'PanSeaSyncObjects',
        Effect: 'Allow',
        Action: needed('objects'),
        Resource: destinationKinds.map((prefix) => `${arn}/${prefix}/*`),
      },
    ],
  };
}

/**
 * For whom an admin trusts with the costs: it makes archived recordings readable again for a time. Without it
 * everything else works, and what lies in an archive waits for an admin.
 */
export function restorePolicy(bucket: string, region: string): PolicyDocument {
  const arn = bucketArn(bucket, region);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'PanSeaSyncRestore',
        Effect: 'Allow',
        Action: [RESTORE],
        Resource: destinationKinds.map((prefix) => `${arn}/${prefix}/*`),
      },
    ],
  };
}

/**
 * For the few who may bring back what was deleted. The program takes nothing away but the mark of a deletion; but
 * with other programs the same account could delete a version for good.
 */
export function bringBackPolicy(bucket: string, region: string): PolicyDocument {
  const arn = bucketArn(bucket, region);
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'PanSeaSyncDeleted', Effect: 'Allow', Action: deletedActions, Resource: arn },
      {
        Sid: 'PanSeaSyncBringBack',
        Effect: 'Allow',
        Action: ['s3:GetObjectVersion', DELETE_VERSION],
        Resource: destinationKinds.map((prefix) => `${arn}/${prefix}/*`),
      },
    ],
  };
}

/**
 * How `minimalPolicy` differs from the policy of the backend's guide, which grants five actions on the
 * bucket and every object.
 *
 * @returns `lines` begin with `+` for what ours adds and `-` for what it does without.
 */
export function differenceToGuide(): Readonly<{
  missing: readonly S3Action[];
  surplus: readonly S3Action[];
  lines: readonly string[];
}> {
  const missing = s3ActionNames.filter((name) => isNeeded(name) && !s3Actions[name].guide);
  const surplus = s3ActionNames.filter((name) => !isNeeded(name) && s3Actions[name].guide);
  const width = Math.max(...[...missing, ...surplus].map((name) => name.length));
  const line = (sign: '+' | '-', what: string, why: string) =>
    `${sign} ${what.padEnd(width)}  ${why}`;
  return {
    missing,
    surplus,
    lines: [
      ...missing.map((name) => line('+', name, s3Actions[name].does)),
      ...surplus.map((name) => line('-', name, `${s3Actions[name].does}: not needed`)),
      line(
        '-',
        'every object',
        `only ${destinationKinds.map((prefix) => `${prefix}/`).join(', ')}`,
      ),
    ],
  };
}

function needed(on: Action['on']): S3Action[] {
  return s3ActionNames.filter((name) => s3Actions[name].on === on && isNeeded(name));
}

/** Whether it is a part of the least policy. */
export function isNeeded(name: S3Action): boolean {
  return s3Actions[name].need !== 'extra';
}

/** China and the US government have partitions of their own. */
export function bucketArn(bucket: string, region: string): string {
  const partition = region.startsWith('cn-')
    ? 'aws-cn'
    : region.startsWith('us-gov-')
      ? 'aws-us-gov'
      : 'aws';
  return `arn:${partition}:s3:::${bucket}`;
}
