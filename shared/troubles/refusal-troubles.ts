/** @file What an account was not allowed to do, each with the S3 action that would allow it: rows of the catalogue. */
import type { RESTORE, S3Action } from '../policy.ts';
import { ALL_SAFE, IN_STORAGE, ONE_SAFE, UNCHANGED, type Trouble } from './trouble.ts';

/** Everything here waits for an admin. */
const refusal = { retry: 'after-user', scope: 'file' } as const;

/** Where something is off without it, no more than this is said. */
export const askFor = {
  's3:PutObject': 'Ask an admin to allow storing objects (s3:PutObject)',
  's3:GetObject': 'Ask an admin to allow reading objects (s3:GetObject)',
  's3:DeleteObject': 'Ask an admin to allow deleting objects (s3:DeleteObject)',
  's3:RestoreObject':
    'Ask an admin to make it readable again, or to allow it to this account (s3:RestoreObject)',
  's3:ListBucket': 'Ask an admin to allow listing the bucket (s3:ListBucket)',
} as const satisfies Partial<Record<S3Action | typeof RESTORE, string>>;

export const refusalTroubles = {
  'access-denied': {
    ...refusal,
    title: 'The storage refused this account',
    safe: ALL_SAFE,
    todo: 'Check bucket and region in Settings, or ask an admin to allow this.',
    cli: {
      todo: 'Check AWS_S3_BUCKET and AWS_REGION, or ask an admin to allow this: pansea-sync doctor says which action.',
    },
    goTo: 'settings',
  },
  'upload-denied': {
    ...refusal,
    title: 'This account may not upload',
    safe: ALL_SAFE,
    todo: `${askFor['s3:PutObject']}, then press Retry.`,
    cli: { todo: `${askFor['s3:PutObject']}, then: pansea-sync retry` },
  },
  'cannot-verify': {
    ...refusal,
    title: 'Uploaded, but the storage does not let us check it',
    safe: `${ONE_SAFE} Keep it there.`,
    todo: `${askFor['s3:GetObject']}, then press Retry.`,
    cli: {
      todo: `${askFor['s3:GetObject']}, then: pansea-sync retry`,
    },
  },
  'read-denied': {
    ...refusal,
    title: 'This account may not read in the storage',
    safe: UNCHANGED,
    todo: `${askFor['s3:GetObject']}. It may also have been deleted: without s3:ListBucket, the two look the same.`,
  },
  'delete-denied': {
    ...refusal,
    title: 'This account may not delete in the storage',
    safe: 'Nothing was deleted.',
    todo: `${askFor['s3:DeleteObject']}.`,
  },
  'restore-denied': {
    ...refusal,
    title: 'This account may not make archived recordings readable again',
    safe: IN_STORAGE,
    todo: `${askFor['s3:RestoreObject']}.`,
  },
  'list-denied': {
    ...refusal,
    title: 'The storage does not say what it holds',
    safe: UNCHANGED,
    todo: `${askFor['s3:ListBucket']}.`,
    scope: 'storage',
  },
  'cannot-list': {
    ...refusal,
    title: 'The storage does not say what it holds',
    safe: `${ALL_SAFE} They wait, so that none is stored twice.`,
    todo: `${askFor['s3:ListBucket']}.`,
    scope: 'storage',
  },
  'unfinished-denied': {
    ...refusal,
    title: 'The storage does not say which uploads are unfinished',
    safe: UNCHANGED,
    todo: 'Ask an admin to allow listing them (s3:ListBucketMultipartUploads).',
  },
  'rules-denied': {
    ...refusal,
    title: 'This account may not see or change the rules of the bucket',
    safe: UNCHANGED,
    todo: 'An admin can apply them with the commands that are shown, or allow it (s3:GetLifecycleConfiguration, s3:PutLifecycleConfiguration).',
  },
  'rules-unknown': {
    ...refusal,
    title: 'This storage has no lifecycle rules',
    safe: UNCHANGED,
    todo: 'Its admin knows how unfinished uploads are cleared away there.',
  },
  'versions-denied': {
    ...refusal,
    title: 'This account may not see what was deleted',
    safe: UNCHANGED,
    todo: 'Ask an admin for the policy for bringing back what was deleted: Settings shows it under “Set up the bucket”.',
    cli: {
      todo: 'Ask an admin for the policy for bringing back what was deleted: pansea-sync bucket shows it.',
    },
    goTo: 'settings',
  },
  'bring-back-denied': {
    ...refusal,
    title: 'This account may not bring back what was deleted',
    safe: 'Nothing was changed: it stays deleted, and is kept as long as before.',
    todo: 'Ask an admin to bring it back, or to allow it (s3:DeleteObjectVersion).',
  },
  'end-denied': {
    ...refusal,
    title: 'This account may not end unfinished uploads',
    safe: UNCHANGED,
    todo: 'Ask an admin to allow it (s3:AbortMultipartUpload), or to let a lifecycle rule of the bucket end them.',
  },
} as const satisfies Record<string, Trouble>;

/** By what is off without it, in a window. What else is denied only makes things a little worse. */
export const turnedOff = {
  's3:PutObject': 'upload-denied',
  's3:GetObject': 'read-denied',
  's3:DeleteObject': 'delete-denied',
  's3:ListBucket': 'list-denied',
} as const satisfies Partial<Record<S3Action, keyof typeof refusalTroubles>>;
