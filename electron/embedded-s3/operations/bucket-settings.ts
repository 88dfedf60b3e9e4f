/** @file Fixed answers about settings this server does not have, as a new bucket on AWS gives them. */
import { requireBucket, xmlAnswer, type Handler } from '../call.ts';
import { S3Error, type ErrorCode } from '../errors.ts';
import { element, xmlDocument, type Xml } from '../xml/writer.ts';

function always(root: string, ...children: readonly Xml[]): Handler {
  return (call) => {
    requireBucket(call);
    return xmlAnswer(xmlDocument(root, ...children));
  };
}

function never(code: ErrorCode): Handler {
  return (call) => {
    const { name } = requireBucket(call);
    throw new S3Error(code, undefined, { fields: { BucketName: name } });
  };
}

export const getPublicAccessBlock = always(
  'PublicAccessBlockConfiguration',
  element('BlockPublicAcls', true),
  element('IgnorePublicAcls', true),
  element('BlockPublicPolicy', true),
  element('RestrictPublicBuckets', true),
);
export const getBucketEncryption = always(
  'ServerSideEncryptionConfiguration',
  element(
    'Rule',
    element('ApplyServerSideEncryptionByDefault', element('SSEAlgorithm', 'AES256')),
    element('BucketKeyEnabled', false),
  ),
);
export const getBucketOwnershipControls = always(
  'OwnershipControls',
  element('Rule', element('ObjectOwnership', 'BucketOwnerEnforced')),
);
const owner = element('Owner', element('ID', 'owner'));
const grantee: Xml = {
  xml: '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>owner</ID></Grantee>',
};
const grants = element(
  'AccessControlList',
  element('Grant', grantee, element('Permission', 'FULL_CONTROL')),
);
export const getBucketAcl = always('AccessControlPolicy', owner, grants);
export const getBucketPolicyStatus = never('NoSuchBucketPolicy');
export const getBucketPolicy = never('NoSuchBucketPolicy');
export const getBucketReplication = never('ReplicationConfigurationNotFoundError');
export const getBucketTagging = never('NoSuchTagSet');
export const getBucketCors = never('NoSuchCORSConfiguration');
export const getBucketWebsite = never('NoSuchWebsiteConfiguration');
export const getObjectLockConfiguration = never('ObjectLockConfigurationNotFoundError');
export const getBucketLogging = always('BucketLoggingStatus');
export const getBucketNotificationConfiguration = always('NotificationConfiguration');
