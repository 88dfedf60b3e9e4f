/** @file Rows 47 to 60 of the fault matrix: what S3 and its relatives answer, keys and clocks. */
import assert from 'node:assert/strict';
import { DAY_MS } from '#shared/time.ts';
import { errorInSuccess, nothing, refusal } from './answers.ts';
import { busy, refusalRows, serverError } from './refusal-rows.ts';
import type { Row } from './row.ts';
import { LARGE, SMALL, type Seen, type Stage } from './stage.ts';

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

/** The key that was written first. */
function firstKey({ proxy, storage }: Stage): string {
  const put = proxy.log.find(({ operation }) => operation === 'PutObject');
  return decodeURIComponent(put!.url.split('?')[0]!.slice(storage.bucket.length + 2));
}

/** An upload that is broken off at its third part, and goes on. */
const goesOn: Pick<Row, 'inject' | 'seen' | 'after'> = {
  inject: ({ proxy }) =>
    proxy.add({
      match: ({ url = '' }) => url.includes('partNumber=3'),
      action: refusal(503, 'SlowDown'),
    }),
  seen: busy,
  after: ({ storage }) => assert.equal(storage.count('CreateMultipartUpload'), 1),
};

const retry = (stage: Stage) => {
  stage.proxy.heal();
  Object.assign(stage.storage.switches, { denied: [], missing: [], checksums: undefined });
  for (const { id } of stage.app.engine.jobs.list('failed', -1))
    stage.app.engine.jobs.apply(id, [{ type: 'retried', atMs: stage.nowMs() }]);
};
/** A person presses Retry when it is put right. */
const byPerson = { heal: retry };

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
  ...refusalRows,
  {
    row: 53,
    name: 'the account may write and not look: stored, and not called verified',
    sizeBytes: SMALL,
    options: { switches: { denied: ['HeadObject', 'GetObject'], checksums: 'ignored' } },
    inject: () => {},
    seen: failed(
      'cannot-verify',
      'Uploaded, but the storage does not let us check it. The recording is safe on this computer. Keep it there.',
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
    seen: failed('upload-denied', 'This account may not upload. '),
    ...byPerson,
  },
  {
    row: 53,
    name: 'the account may not list parts, when an upload goes on',
    options: { switches: { denied: ['ListParts'] } },
    ...goesOn,
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
    row: 54,
    name: 'what is stored rots before it is looked at: sent again under a new key, and the file is kept',
    sizeBytes: SMALL,
    // With a checksum of its own the storage would say that all is well.
    options: { switches: { checksums: 'ignored' } },
    inject: (stage) =>
      stage.proxy.add({
        match: 'PutObject',
        nth: 1,
        action: {
          kind: 'call',
          of: 'response',
          bytes: 0,
          run: () => stage.storage.damage.flipBit(firstKey(stage)),
        },
      }),
    after: async (stage) => {
      const rotten = firstKey(stage);
      assert.notEqual(stage.jobs()[0]?.key, rotten);
      // It stays where it is for whoever wants to look; the judge would take it for a torn one.
      await stage.storage.damage.remove(rotten);
    },
  },
  {
    row: 55,
    name: 'the storage keeps no checksums: the object is read back',
    options: { switches: { checksums: 'ignored' } },
    inject: () => {},
    after: ({ jobs, proxy }) => {
      assert.partialDeepStrictEqual(jobs()[0]?.state, { kind: 'verified', proof: 'read-back' });
      assert.ok(proxy.count('GetObject') > 0);
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
    ...goesOn,
  },
  ...[SMALL, LARGE].map((sizeBytes) => ({
    row: 55,
    name: `the storage refuses checksums (501): ${sizeBytes} bytes go without, and are read back`,
    sizeBytes,
    options: { switches: { checksums: 'refused' } } as const,
    inject: () => {},
    after: ({ jobs }: Stage) =>
      assert.partialDeepStrictEqual(jobs()[0]?.state, { kind: 'verified', proof: 'read-back' }),
  })),
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
