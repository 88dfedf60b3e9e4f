import { expect, test } from 'vitest';
import { differenceToGuide, minimalPolicy } from '../../shared/policy.ts';

test('the policy that is enough names seven actions and three prefixes', () => {
  expect(minimalPolicy('school-recordings', 'eu-west-3')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'PanSeaSyncBucket',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
        Resource: 'arn:aws:s3:::school-recordings',
      },
      {
        Sid: 'PanSeaSyncObjects',
        Effect: 'Allow',
        Action: [
          's3:PutObject',
          's3:GetObject',
          's3:DeleteObject',
          's3:AbortMultipartUpload',
          's3:ListMultipartUploadParts',
        ],
        Resource: [
          'arn:aws:s3:::school-recordings/audio/*',
          'arn:aws:s3:::school-recordings/documents/*',
          'arn:aws:s3:::school-recordings/uploads/*',
        ],
      },
    ],
  });
  expect(minimalPolicy('b', 'cn-north-1').Statement[0]?.Resource).toBe('arn:aws-cn:s3:::b');
  expect(minimalPolicy('b', 'us-gov-west-1').Statement[0]?.Resource).toBe('arn:aws-us-gov:s3:::b');
});

test('the guide’s policy lacks three actions and grants one that nothing uses', () => {
  expect(differenceToGuide()).toEqual({
    missing: [
      's3:AbortMultipartUpload',
      's3:ListMultipartUploadParts',
      's3:ListBucketMultipartUploads',
    ],
    surplus: ['s3:GetObjectVersion'],
    lines: [
      '+ s3:AbortMultipartUpload        Clean up unfinished uploads',
      '+ s3:ListMultipartUploadParts    See which parts arrived',
      '+ s3:ListBucketMultipartUploads  See unfinished uploads',
      '- s3:GetObjectVersion            Read old versions: not needed',
      '- every object                   only audio/, documents/, uploads/',
    ],
  });
});
