/** @file Rows 51, 52 and 58 to 60: the storage refuses, for a while or until somebody acts. */
import assert from 'node:assert/strict';
import { refusal } from './answers.ts';
import type { Row } from './row.ts';
import type { Seen, Stage } from './stage.ts';

const safe = 'Your recordings are safe on this computer';
export const serverError: Seen = {
  state: 'queued',
  code: 'server-error',
  next: 'soon',
  says: 'The storage reported an error of its own. The recording is safe on this computer. Nothing to do',
};
export const busy: Seen = {
  state: 'queued',
  code: 'busy',
  next: 'probe',
  says: 'The storage is busy and asked us to slow down. Your recordings are safe on this computer. Nothing to do',
};
const waitsForPerson = (code: Seen['code'], says: string): Seen => ({
  state: 'queued',
  code,
  next: 'minute',
  says,
});
const refusedForLong = (
  [
    [51, 'busy for long (503)', refusal(503, 'SlowDown'), busy],
    [51, 'busy for long (429)', refusal(429, 'TooManyRequests'), busy],
    [51, 'failing for long (500)', refusal(500, 'InternalError'), serverError],
    [
      52,
      'in another region than it lets us sign for (301)',
      refusal(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }),
      waitsForPerson('wrong-region', 'The bucket is in another region. '),
    ],
    [
      52,
      'in another region, and does not say in which (400)',
      refusal(400, 'AuthorizationHeaderMalformed'),
      waitsForPerson('wrong-region', 'The bucket is in another region. '),
    ],
    [
      58,
      'without the bucket',
      refusal(404, 'NoSuchBucket'),
      waitsForPerson(
        'no-bucket',
        `The bucket does not exist. ${safe}. Check the bucket name and the endpoint`,
      ),
    ],
    [
      59,
      'tired of the keys in the middle of an upload',
      refusal(400, 'ExpiredToken'),
      waitsForPerson(
        'sign-in-expired',
        `Your sign-in has expired. ${safe}. Sign in again: Settings says where. Uploads go on where they stopped.`,
      ),
    ],
    [
      59,
      'without the keys, which were taken away',
      refusal(403, 'InvalidAccessKeyId'),
      waitsForPerson(
        'wrong-access-key',
        `The storage does not know this access key. ${safe}. Check the access key`,
      ),
    ],
    [
      60,
      'far from this computer’s clock',
      refusal(403, 'RequestTimeTooSkewed'),
      waitsForPerson(
        'clock-skew',
        `This computer’s clock is wrong. ${safe}. Turn on automatic date and time`,
      ),
    ],
  ] as const
).map(([row, name, action, seen]) => ({
  row,
  name: `the storage is ${name}`,
  // From the second part on: what was sent before is not sent again.
  inject: ({ proxy }: Stage) =>
    proxy.add({ match: ({ url = '' }) => /partNumber=[23]/.test(url), action }),
  seen,
  meanwhile: ({ jobs }: Stage) => {
    const state = jobs()[0]?.state;
    assert.ok(state && 'upload' in state && state.upload);
  },
  after: ({ storage }: Stage) => assert.equal(storage.count('CreateMultipartUpload'), 1),
}));

export const refusalRows: readonly Row[] = [
  ...refusedForLong,
  {
    row: 51,
    name: 'the storage is busy for a moment: what it refused is sent again in its place, and nobody waits',
    inject: ({ proxy }) =>
      proxy.add({ match: 'UploadPart', nth: [1, 2, 3, 5], action: refusal(503, 'SlowDown') }),
    after: ({ app, storage }) => {
      assert.deepEqual(
        app.heard.filter(({ type }) => type === 'storage'),
        [],
      );
      assert.equal(storage.count('UploadPart'), 3);
    },
  },
];
