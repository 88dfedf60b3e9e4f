/** @file Every operation of S3 this server knows: what a request must look like, and who answers it. */
import type { Handler } from './call.ts';
import { S3Error } from './errors.ts';
import { getObjectAttributes } from './operations/attributes.ts';
import * as settings from './operations/bucket-settings.ts';
import * as buckets from './operations/buckets.ts';
import { completeMultipartUpload } from './operations/complete.ts';
import { copyObject, uploadPartCopy } from './operations/copy.ts';
import { deleteObject, deleteObjects } from './operations/delete.ts';
import {
  deleteBucketLifecycle,
  getBucketLifecycleConfiguration,
  putBucketLifecycleConfiguration,
} from './operations/lifecycle.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { listMultipartUploads, listParts } from './operations/list-uploads.ts';
import { listObjectVersions } from './operations/list-versions.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './operations/multipart.ts';
import { getObject, headObject } from './operations/object-read.ts';
import { putObject } from './operations/object-write.ts';
import { restoreObject } from './operations/restore.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/tags.ts';
import type { S3Request } from './request.ts';

/** Name, request line and handler. `?name` is a sub-resource, `+copy` the x-amz-copy-source header. */
const table = [
  ['ListBuckets', 'GET service', buckets.listBuckets],
  ['CreateBucket', 'PUT bucket', buckets.createBucket],
  ['HeadBucket', 'HEAD bucket', buckets.headBucket],
  ['DeleteBucket', 'DELETE bucket', buckets.deleteBucket],
  ['ListObjects', 'GET bucket', listObjects],
  ['ListObjectsV2', 'GET bucket?list-type', listObjectsV2],
  ['ListObjectVersions', 'GET bucket?versions', listObjectVersions],
  ['ListMultipartUploads', 'GET bucket?uploads', listMultipartUploads],
  ['DeleteObjects', 'POST bucket?delete', deleteObjects],
  ['GetBucketLocation', 'GET bucket?location', buckets.getBucketLocation],
  ['GetBucketVersioning', 'GET bucket?versioning', buckets.getBucketVersioning],
  ['PutBucketVersioning', 'PUT bucket?versioning', buckets.putBucketVersioning],
  ['GetBucketAcl', 'GET bucket?acl', settings.getBucketAcl],
  ['GetBucketCors', 'GET bucket?cors', settings.getBucketCors],
  ['GetBucketEncryption', 'GET bucket?encryption', settings.getBucketEncryption],
  ['GetBucketLifecycleConfiguration', 'GET bucket?lifecycle', getBucketLifecycleConfiguration],
  ['PutBucketLifecycleConfiguration', 'PUT bucket?lifecycle', putBucketLifecycleConfiguration],
  ['DeleteBucketLifecycle', 'DELETE bucket?lifecycle', deleteBucketLifecycle],
  ['GetBucketLogging', 'GET bucket?logging', settings.getBucketLogging],
  [
    'GetBucketNotificationConfiguration',
    'GET bucket?notification',
    settings.getBucketNotificationConfiguration,
  ],
  [
    'GetBucketOwnershipControls',
    'GET bucket?ownershipControls',
    settings.getBucketOwnershipControls,
  ],
  ['GetBucketPolicy', 'GET bucket?policy', settings.getBucketPolicy],
  ['GetBucketPolicyStatus', 'GET bucket?policyStatus', settings.getBucketPolicyStatus],
  ['GetBucketReplication', 'GET bucket?replication', settings.getBucketReplication],
  ['GetBucketTagging', 'GET bucket?tagging', settings.getBucketTagging],
  ['GetBucketWebsite', 'GET bucket?website', settings.getBucketWebsite],
  ['GetObjectLockConfiguration', 'GET bucket?object-lock', settings.getObjectLockConfiguration],
  ['GetPublicAccessBlock', 'GET bucket?publicAccessBlock', settings.getPublicAccessBlock],
  ['GetObject', 'GET object', getObject],
  ['HeadObject', 'HEAD object', headObject],
  ['PutObject', 'PUT object', putObject],
  ['CopyObject', 'PUT object+copy', copyObject],
  ['DeleteObject', 'DELETE object', deleteObject],
  ['GetObjectAttributes', 'GET object?attributes', getObjectAttributes],
  ['GetObjectTagging', 'GET object?tagging', getObjectTagging],
  ['PutObjectTagging', 'PUT object?tagging', putObjectTagging],
  ['DeleteObjectTagging', 'DELETE object?tagging', deleteObjectTagging],
  ['RestoreObject', 'POST object?restore', restoreObject],
  ['CreateMultipartUpload', 'POST object?uploads', createMultipartUpload],
  ['UploadPart', 'PUT object?uploadId', uploadPart],
  ['UploadPartCopy', 'PUT object?uploadId+copy', uploadPartCopy],
  ['CompleteMultipartUpload', 'POST object?uploadId', completeMultipartUpload],
  ['AbortMultipartUpload', 'DELETE object?uploadId', abortMultipartUpload],
  ['ListParts', 'GET object?uploadId', listParts],
] as const satisfies readonly (readonly [name: string, route: string, handler: Handler])[];

export type OperationName = (typeof table)[number][0];

export interface Operation {
  readonly name: OperationName;
  readonly handler: Handler;
}

const routes = new Map<string, Operation>(
  table.map(([name, route, handler]) => [route, { name, handler }]),
);

/** Parameters that change what a request is about, also those this server has no answer for. */
const subresources = new Set<string>([
  ...table.flatMap(([, route]) => /\?([\w-]+)/u.exec(route)?.[1] ?? []),
  'accelerate',
  'analytics',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'metrics',
  'renameObject',
  'requestPayment',
  'retention',
  'select',
  'session',
  'torrent',
]);

/** @throws S3Error `NotImplemented` or `MethodNotAllowed` for a request no operation fits. */
export function findOperation(request: S3Request): Operation {
  const bucketLevel = request.bucket === '' ? 'service' : 'bucket';
  const level = request.key === '' ? bucketLevel : 'object';
  const subresource = request.parameters.find(([name]) => subresources.has(name))?.[0];
  const isCopy = request.method === 'PUT' && request.headers.has('x-amz-copy-source');
  const query = subresource === undefined ? '' : `?${subresource}`;
  const route = `${request.method} ${level}${query}${isCopy ? '+copy' : ''}`;
  const operation = routes.get(route);
  if (operation) return operation;
  if (subresource !== undefined || isCopy) throw new S3Error('NotImplemented');
  throw new S3Error('MethodNotAllowed', undefined, { fields: { Method: request.method } });
}
