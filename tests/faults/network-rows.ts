/** @file Rows 37 to 46 of the fault matrix: the network. */
import assert from 'node:assert/strict';
import { vi } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import type { OperationName } from '../support/s3-operation.ts';
import { signIn } from './answers.ts';
import type { Row } from './row.ts';
import { LARGE, offline, SMALL, type Seen, type Stage } from './stage.ts';

/** What is a minute otherwise. */
const impatient = { settings: { idleMs: 1_500 } };
const notStorage: Seen = {
  state: 'queued',
  code: 'not-storage',
  next: 'probe',
  says: 'Something other than the storage answered. Your recordings are safe on this computer. This network may ask you to sign in first: open a browser, then wait.',
};

/** Parts that were sent more than once, by number. */
const sentAgain = ({ proxy }: Stage): string[] => {
  const numbers = proxy.log
    .filter(({ operation }) => operation === 'UploadPart')
    .map(({ url }) => new URL(url, 'http://any').searchParams.get('partNumber')!);
  return numbers.filter((number, i) => numbers.indexOf(number) !== i);
};

const resets: Row[] = [0, 1, 65_536, MIB, 8 * MIB - 1].map((bytes) => ({
  row: 37,
  name: `the connection is reset after ${bytes} bytes of part 2`,
  inject: ({ proxy }) =>
    proxy.add({
      match: ({ url = '' }) => url.includes('partNumber=2&') || url.endsWith('partNumber=2'),
      nth: 1,
      action: { kind: 'resetAfter', bytes },
    }),
  after(stage) {
    // That part alone, and never more than the file's bytes are said to be sent.
    assert.deepEqual(sentAgain(stage), ['2']);
    const [{ sizeBytes } = { sizeBytes: 0 }] = stage.jobs();
    for (const event of stage.app.heard)
      if (event.type === 'job' && event.job.state.kind === 'uploading')
        assert.ok(event.job.state.sentBytes <= sizeBytes);
  },
}));

const lost: Row[] = (
  [
    ['PutObject', SMALL],
    ['HeadObject', SMALL],
    ['CreateMultipartUpload', LARGE],
    ['UploadPart', LARGE],
    ['CompleteMultipartUpload', LARGE],
  ] as const
).map(([match, sizeBytes]) => ({
  row: 40,
  name: `the answer to ${match} is lost after the storage has acted`,
  sizeBytes,
  inject: ({ proxy }) => proxy.add({ match, nth: 1, action: { kind: 'dropResponse' } }),
  after: ({ storage }) => {
    assert.equal(storage.count('PutObject'), sizeBytes === LARGE ? 0 : 1);
    assert.ok(storage.count('CompleteMultipartUpload') <= 2);
  },
}));

const twice: Row[] = (
  [
    ['PutObject', SMALL, undefined],
    ['PutObject', SMALL, 50],
    ['UploadPart', LARGE, undefined],
    ['UploadPart', LARGE, 50],
    ['CompleteMultipartUpload', LARGE, undefined],
    ['CompleteMultipartUpload', LARGE, 50],
  ] as const
).map(([match, sizeBytes, laterMs]) => ({
  row: 41,
  name: `${match} arrives twice, ${laterMs === undefined ? 'at once' : 'the copy late'}`,
  sizeBytes,
  inject: ({ proxy }) =>
    proxy.add({
      match,
      nth: 1,
      action: { kind: 'duplicateRequest', laterMs },
    }),
}));

const verbs: [OperationName, number][] = [
  ['HeadObject', SMALL],
  ['PutObject', SMALL],
  ['CreateMultipartUpload', LARGE],
  ['UploadPart', LARGE],
  ['CompleteMultipartUpload', LARGE],
];
const portals: Row[] = verbs.flatMap(([match, sizeBytes]) =>
  [200, 302].map((status) => ({
    row: 43,
    name: `a sign-in page answers ${match} with ${status}`,
    sizeBytes,
    inject({ proxy }: Stage) {
      // A GET is to say why a HEAD was not answered by the storage.
      const all = match === 'HeadObject' ? [match, 'GetObject' as const] : match;
      proxy.add({ match: all, action: signIn(status) });
    },
    seen: notStorage,
    meanwhile: ({ jobs }: Stage) => {
      // Nothing is done, nothing is gone, no attempt is spent.
      const [job] = jobs();
      assert.partialDeepStrictEqual(job?.state, { kind: 'queued', attempts: 0 });
    },
  })),
);

export const networkRows: readonly Row[] = [
  ...resets,
  {
    row: 38,
    options: impatient,
    name: 'a part stops moving in its middle, and nobody hangs up',
    inject: ({ proxy }) =>
      proxy.add({ match: 'UploadPart', action: { kind: 'stallAfter', bytes: MIB } }),
    seen: offline,
  },
  {
    row: 38,
    options: impatient,
    name: 'the storage takes everything and never answers',
    sizeBytes: SMALL,
    inject: ({ proxy }) =>
      proxy.add({ match: 'PutObject', action: { kind: 'stallAfter', bytes: 0, of: 'response' } }),
    seen: offline,
  },
  {
    row: 39,
    name: 'a line that takes eight seconds for a part is slow, and nothing else',
    sizeBytes: 9 * MIB,
    inject: ({ proxy }) =>
      proxy.add({ match: 'UploadPart', action: { kind: 'rate', bytesPerSecond: MIB } }),
    after: (stage) => {
      assert.deepEqual(sentAgain(stage), []);
      const waited = stage.app.heard.filter(({ type }) => type === 'storage');
      assert.deepEqual(waited, []);
    },
  },
  ...lost,
  {
    row: 40,
    name: 'the answer to AbortMultipartUpload is lost, of a file that changed on its way',
    inject: (stage) => {
      stage.proxy.add({
        match: 'UploadPart',
        nth: 1,
        action: {
          kind: 'call',
          bytes: 1,
          run: async () => void (await stage.write('a.mp3', LARGE)),
        },
      });
      stage.proxy.add({
        match: 'AbortMultipartUpload',
        nth: 1,
        action: { kind: 'dropResponse' },
      });
    },
    after: ({ proxy }) =>
      vi.waitFor(() => assert.ok(proxy.count('AbortMultipartUpload') > 0), 20_000),
  },
  ...twice,
  {
    row: 42,
    // No name is that long: nobody has to be asked to know that.
    name: 'the name of the storage is not known',
    sizeBytes: SMALL,
    options: { settings: { endpoint: `http://${'a'.repeat(64)}.invalid:9` } },
    inject: () => {},
    seen: offline,
    heal: 'never',
  },
  ...portals,
  {
    row: 46,
    name: 'there is no network at the start',
    inject: ({ proxy }) => proxy.add({ action: { kind: 'resetAfter', bytes: 0 } }),
    seen: offline,
    async meanwhile(stage) {
      // One file finds out for all of them.
      for (let i = 0; i < 12; i += 1) await stage.write(`b${i}.mp3`, SMALL);
      await vi.waitFor(() => assert.equal(stage.jobs().length, 13), 20_000);
      const asked = stage.proxy.log.length;
      stage.app.engine.queue.tryNow();
      await vi.waitFor(() => assert.ok(stage.proxy.log.length > asked), 20_000);
      await stage.sees(offline);
      // Two tries of the client's own, of one request of one file.
      assert.ok(stage.proxy.log.length - asked <= 2);
    },
  },
  {
    row: 46,
    name: 'the network comes and goes',
    inject: ({ proxy }) =>
      proxy.add({
        nth: [1, 2, 4, 6, 7, 10, 13],
        action: { kind: 'dropResponse' },
      }),
    seen: offline,
    heal: () => {},
  },
];
