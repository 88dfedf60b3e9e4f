/** @file How a bucket should be set up: policies, and the commands of the AWS command line for an admin. */
import { shellWord } from './command-line.ts';
import type { LifecycleRule } from './lifecycle.ts';
import {
  bringBackPolicy,
  bucketArn,
  minimalPolicy,
  restorePolicy,
  type PolicyDocument,
} from './policy.ts';

export type Place = Readonly<{
  bucket: string;
  region: string;
  /** With scheme; empty for AWS itself. */
  endpoint: string;
}>;

/** Nothing crosses the network in the open, whoever asks. It lets nobody in. */
export function bucketPolicy({ bucket, region }: Place) {
  const arn = bucketArn(bucket, region);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'PanSeaSyncPrivateConnectionsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  } as const;
}

export const corsText =
  'None is needed: links are opened as pages of their own, and no page of another address reads the bucket.';

const publicAccess = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const encryption = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
};

type SetupStep = Readonly<{
  title: string;
  /** For a POSIX shell. */
  command: string;
  note: string | undefined;
}>;

const REPLACES = 'It takes the place of the one that the bucket has: add yours to it first.';

function step(title: string, words: readonly string[], note?: string): SetupStep {
  return { title, command: ['aws', ...words].map(shellWord).join(' '), note };
}

const policy = (name: string, document: PolicyDocument) => [
  'iam',
  'create-policy',
  '--policy-name',
  name,
  '--policy-document',
  JSON.stringify(document),
];

/** @param rules All that the bucket is to have; `undefined` where those that it has could not be read. */
export function setupSteps(place: Place, rules: readonly LifecycleRule[] | undefined): SetupStep[] {
  const { bucket, region, endpoint } = place;
  const where = ['--region', region, ...(endpoint === '' ? [] : ['--endpoint-url', endpoint])];
  const s3 = (verb: string, option: string, value: unknown) => [
    's3api',
    verb,
    '--bucket',
    bucket,
    option,
    JSON.stringify(value),
    ...where,
  ];
  return [
    step(
      'A policy for the account, to be attached to its user or role',
      policy('PanSeaSync', minimalPolicy(bucket, region)),
      endpoint === '' ? undefined : 'Of a storage other than Amazon S3, its admin knows the way.',
    ),
    step(
      'Only where recordings lie in an archive class: a second policy, for whoever may make them readable again',
      policy('PanSeaSyncRestore', restorePolicy(bucket, region)),
      'Each use costs, which is why the first policy is without it.',
    ),
    step(
      'Only for the few who may bring back what was deleted: a policy of their own',
      policy('PanSeaSyncBringBack', bringBackPolicy(bucket, region)),
      'With it, and with other programs, an account could also delete old versions for good, which is why the first policy is without it.',
    ),
    step(
      'Nothing is public',
      s3('put-public-access-block', '--public-access-block-configuration', publicAccess),
    ),
    step(
      'Private connections only',
      s3('put-bucket-policy', '--policy', bucketPolicy(place)),
      REPLACES,
    ),
    step(
      'What is deleted can be brought back',
      s3('put-bucket-versioning', '--versioning-configuration', { Status: 'Enabled' }),
      'Old versions cost as much as others until a rule ends them.',
    ),
    step(
      'Everything is encrypted',
      s3('put-bucket-encryption', '--server-side-encryption-configuration', encryption),
    ),
    ...(rules === undefined || rules.length === 0
      ? []
      : [
          step(
            'Lifecycle rules, those that the bucket has among them',
            s3('put-bucket-lifecycle-configuration', '--lifecycle-configuration', { Rules: rules }),
            REPLACES,
          ),
        ]),
  ];
}
