/** @file Rows 47 to 60 of the fault matrix: what S3 and its relatives answer, keys and clocks. */
import assert from 'node:assert/strict';
import { errorInSuccess, nothing, refusal } from './answers.ts';
import type { Row } from './row.ts';
import { SMALL, type Seen, type Stage } from './stage.ts';

const DAY_MS = 86_400_000;
const safe = 'Your recordings are safe on this computer';
const serverError: Seen = {
  state: 'queued',
  code: 'server-error',
  next: 'soon',
  says: 'The storage reported an error of its own. Nothing to do. The recording is safe on this computer',
};
const busy: Seen = {
  state: 'queued',
  code: 'busy',
  next: 'probe',
  says: 'The storage is busy. Nothing to do. The recording is safe on this computer',
};
const waitsForPerson = (code: Seen['code'], says: string): Seen => ({
  state: 'queued',
  code,
  next: 'minute',
  says,
});
const failed = (code: Seen['code'], says: string): Seen => ({
  state: 'failed',
  code,
  next: 'person',
  says,
});

const completions: Row[] = (
  [
    ['an error', errorInSuccess('', '')],
    ['an error after blanks', errorInSuccess('  \n  ', '')],
    ['an error and a line’s end', errorInSuccess('', '\n')],
    ['nothing at all', nothing(false)],
  ] as const
).map(([name, action]) => ({
  row: 47,
  name: `the completion succeeds with ${name}`,
  inject: ({ proxy }) => proxy.add({ match: 'CompleteMultipartUpload', action }),
  seen: serverError,
  meanwhile: ({ storage, jobs }) => {
    assert.equal(storage.count('CompleteMultipartUpload'), 0);
    assert.notEqual(jobs()[0]?.state.kind, 'verified');
  },
}));

const retry = (stage: Stage) => {
  stage.proxy.heal();
  Object.assign(stage.storage.switches, { denied: [], missing: [], checksums: undefined });
  for (const { id } of stage.app.engine.jobs.list('failed', -1))
    stage.app.engine.jobs.apply(id, [{ type: 'retried', atMs: stage.nowMs() }]);
};
/** A person presses Retry when it is put right. */
const byPerson = { heal: retry };

const refusals: Row[] = (
  [
    [51, 'busy for long (503)', refusal(503, 'SlowDown'), busy],
    [51, 'busy for long (429)', refusal(429, 'TooManyRequests'), busy],
    [51, 'failing for long (500)', refusal(500, 'InternalError'), serverError],
    [
      52,
      'in another region (301)',
      refusal(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }),
      waitsForPerson('wrong-region', 'The bucket is in another region. '),
    ],
    [
      52,
      'in another region (400)',
      refusal(400, 'AuthorizationHeaderMalformed'),
      waitsForPerson('wrong-region', 'The bucket is in another region. '),
    ],
    [
      58,
      'without the bucket',
      refusal(404, 'NoSuchBucket'),
      waitsForPerson(
        'no-bucket',
        `The bucket does not exist. Check AWS_S3_BUCKET and AWS_S3_ENDPOINT_URL. ${safe} and wait.`,
      ),
    ],
    [
      59,
      'tired of the keys in the middle of an upload',
      refusal(400, 'ExpiredToken'),
      waitsForPerson(
        'sign-in-expired',
        'Your sign-in has expired. Sign in again. Uploads continue where they stopped.',
      ),
    ],
    [
      59,
      'without the keys, which were taken away',
      refusal(403, 'InvalidAccessKeyId'),
      waitsForPerson(
        'wrong-access-key',
        `The storage does not know this access key. Check AWS_ACCESS_KEY_ID. ${safe} and wait.`,
      ),
    ],
    [
      60,
      'far from this computer’s clock',
      refusal(403, 'RequestTimeTooSkewed'),
      waitsForPerson(
        'clock-skew',
        `This computer’s clock is wrong. Turn on automatic date and time. ${safe} and wait.`,
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

export const storageRows: readonly Row[] = [
  ...completions,
  {
    row: 48,
    name: 'the answer to the completion is lost, and then the upload is not known any more',
    inject: ({ proxy }) => {
      proxy.add({ match: 'CompleteMultipartUpload', nth: 1, action: { kind: 'dropResponse' } });
      proxy.add({ match: 'CompleteMultipartUpload', nth: 2, action: refusal(404, 'NoSuchUpload') });
    },
    after: ({ storage }) => assert.equal(storage.count('CreateMultipartUpload'), 1),
  },
  {
    row: 49,
    name: 'a completion meets another write (409), and is begun anew under the same key',
    inject: ({ proxy }) =>
      proxy.add({
        match: 'CompleteMultipartUpload',
        nth: 1,
        action: refusal(409, 'ConditionalRequestConflict'),
      }),
  },
  {
    row: 49,
    name: 'the storage overlooks conditions',
    sizeBytes: SMALL,
    options: { switches: { conditions: 'ignored' } },
    inject: () => {},
  },
  {
    row: 49,
    name: 'the storage knows no conditions',
    options: { switches: { conditions: 'refused' } },
    inject: () => {},
  },
  {
    row: 50,
    name: 'a lifecycle rule drops the upload in its middle: it starts over, with the same key',
    inject: ({ proxy, storage }) =>
      proxy.add({
        match: ({ url = '' }) => url.includes('partNumber=3'),
        nth: 1,
        action: {
          kind: 'call',
          bytes: 1,
          run: async () => void (await storage.damage.dropUploads()),
        },
      }),
    after: ({ storage, proxy }) => {
      assert.equal(storage.count('CreateMultipartUpload'), 2);
      const paths = proxy.log
        .map(({ url }) => url.split('?')[0])
        .filter((path) => path?.includes('audio/'));
      assert.equal(new Set(paths).size, 1);
    },
  },
  ...refusals,
  {
    row: 53,
    name: 'the account may write and not look: stored, and not called verified',
    sizeBytes: SMALL,
    options: { switches: { denied: ['HeadObject', 'GetObject'] } },
    inject: () => {},
    seen: failed(
      'cannot-verify',
      'Uploaded, but the storage does not let us check it. Keep your file.',
    ),
    ...byPerson,
    after: ({ storage }) => assert.equal(storage.count('PutObject'), 1),
  },
  {
    row: 53,
    name: 'the account may not write',
    sizeBytes: SMALL,
    options: { switches: { denied: ['PutObject'] } },
    inject: () => {},
    seen: failed('access-denied', 'The storage refused this account. '),
    ...byPerson,
  },
  {
    row: 53,
    name: 'the account may not list parts, when an upload goes on',
    options: { switches: { denied: ['ListParts'] } },
    inject: ({ proxy }) =>
      proxy.add({
        match: ({ url = '' }) => url.includes('partNumber=3'),
        action: refusal(503, 'SlowDown'),
      }),
    seen: busy,
    after: ({ storage }) => assert.equal(storage.count('CreateMultipartUpload'), 1),
  },
  {
    row: 54,
    name: 'a bit turns over on the way to the storage: that part is refused, and sent again',
    inject: ({ proxy }) =>
      proxy.add({
        match: ({ url = '' }) => url.includes('partNumber=2'),
        nth: 1,
        action: { kind: 'flipBit', at: 12_345 },
      }),
  },
  {
    row: 54,
    name: 'a bit turns over on the way of a small file',
    sizeBytes: SMALL,
    inject: ({ proxy }) =>
      proxy.add({ match: 'PutObject', nth: 1, action: { kind: 'flipBit', at: 12_345 } }),
  },
  {
    row: 55,
    name: 'the storage keeps no checksums: the object is read back',
    options: { switches: { checksums: 'ignored' } },
    inject: () => {},
    after: ({ jobs, storage }) => {
      assert.partialDeepStrictEqual(jobs()[0]?.state, { kind: 'verified', proof: 'read-back' });
      assert.ok(storage.count('GetObject') > 0);
    },
  },
  {
    row: 55,
    name: 'the ETags say nothing about the bytes',
    options: { switches: { etags: 'random' } },
    inject: () => {},
  },
  {
    row: 55,
    name: 'the storage has never learned to list parts, when an upload goes on',
    options: { switches: { missing: ['ListParts'] } },
    inject: ({ proxy }) =>
      proxy.add({
        match: ({ url = '' }) => url.includes('partNumber=3'),
        action: refusal(503, 'SlowDown'),
      }),
    seen: busy,
    after: ({ storage }) => assert.equal(storage.count('CreateMultipartUpload'), 1),
  },
  {
    row: 55,
    name: 'the storage refuses checksums (501): that is said, and goes when it takes them',
    sizeBytes: SMALL,
    options: { switches: { checksums: 'refused' } },
    inject: () => {},
    seen: failed(
      'not-supported',
      'This storage cannot do that. The recording is safe on this computer.',
    ),
    ...byPerson,
  },
  {
    row: 60,
    name: 'the clock jumps a day ahead and a day back while a file is on its way',
    inject: (stage) =>
      stage.proxy.add({
        match: 'UploadPart',
        nth: [1, 2],
        action: {
          kind: 'call',
          bytes: 1,
          run: () => stage.later(stage.nowMs() > Date.now() + 3_600_000 ? -2 * DAY_MS : DAY_MS),
        },
      }),
  },
];
