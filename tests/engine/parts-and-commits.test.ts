import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBuffers } from '../../electron/engine/upload/buffers.ts';
import { fingerprintLarge } from '../../electron/engine/files/large-files.ts';
import { partSlots, type PartSlots } from '../../electron/engine/upload/part-slots.ts';
import { openSource } from '../../electron/engine/files/source.ts';
import { putParts, type UploadLedger } from '../../electron/engine/upload/upload.ts';
import { MIB, planParts } from '../../shared/parts.ts';
import { objectBytes, openRemote, randomFile } from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const partBytes = 8 * MIB;
const { signal } = new AbortController();

/** A recording of three parts, fingerprinted, before a storage that can be made to misbehave. */
async function openRecording() {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const line = stack.use(await openFaultProxy(s3));
  const dir = stack.use(await tempDir());
  const remote = stack.use(openRemote(line.access));
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, 20 * MIB);
  const { mtimeNs } = await stat(path, { bigint: true });
  const version = { path, sizeBytes: bytes.length, mtimeNs: String(mtimeNs) };
  const { file, assertUnchanged } = stack.use(await openSource(version, signal));
  const { parts: prints, ...whole } = await fingerprintLarge(
    file,
    planParts(bytes.length, partBytes),
    signal,
  );
  const send = (slots: PartSlots, sent: UploadLedger['sent'] = async () => {}) =>
    putParts(
      {
        remote,
        key: 'a.mp4',
        headers: {
          contentType: 'video/mp4',
          metadata: {},
          storageClass: undefined,
        },
        file,
        prints,
        whole,
        partBytes,
        slots,
        assertUnchanged,
        signal,
        buffers: createBuffers(),
        assertFree: async () => {},
      },
      {
        open: null,
        parts: [],
        opening: () => ({ forget: () => {}, [Symbol.dispose]: () => {} }),
        began: () => {},
        sent,
        passed: () => {},
      },
    );
  return { line, remote, path, bytes, send, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('parts are sent while those before them are being written into the ledger, and none counts before it is', async () => {
  await using recording = await openRecording();
  const { remote, bytes, send } = recording;
  const sent: number[] = [];
  const [allSent, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const uploading = send(partSlots(partBytes), (_id, { number }) => {
    if (sent.push(number) === 3) allSent.resolve();
    return written.promise;
  });
  await allSent.promise;
  expect(await remote.head('a.mp4', signal)).toBeUndefined();
  written.resolve();
  await uploading;
  expect((await objectBytes(remote, 'a.mp4')).equals(bytes)).toBe(true);
});

test('parts whose answers are long in coming keep no memory from others', async () => {
  await using recording = await openRecording();
  const { line, remote, bytes, send } = recording;
  const together = Promise.withResolvers<void>();
  const run = () => {
    if (line.count('UploadPart') === 3) together.resolve();
    return together.promise;
  };
  line.add({ match: 'UploadPart', action: { kind: 'call', of: 'response', bytes: 0, run } });
  // None is answered before all have come, through memory for one.
  await send(partSlots(partBytes, 3 * partBytes));
  expect((await objectBytes(remote, 'a.mp4')).equals(bytes)).toBe(true);
});

test('a part that has to be sent again is read again, and its bytes are compared again', async () => {
  await using recording = await openRecording();
  const { line, path, bytes, send } = recording;
  const change = () => writeFile(path, Buffer.alloc(bytes.length));
  const failure = { kind: 'replaceResponse', status: 500, body: '<Error/>' } as const;
  const told = { kind: 'call', bytes: partBytes, run: change } as const;
  line.add({ match: 'UploadPart', nth: 1, action: [told, failure] });
  await expect(send(partSlots(partBytes))).rejects.toMatchObject({ code: 'file-changed' });
  expect(line.count('UploadPart')).toBe(1);
});

test('a part that is read again, into memory of its own, is under way until then, and no more are than may be', async () => {
  await using recording = await openRecording();
  const { line, remote, bytes, send } = recording;
  const untilCame = (parts: number) => async () => {
    await expect.poll(() => line.count('UploadPart')).toBeGreaterThanOrEqual(parts);
  };
  const whenCame = (parts: number) =>
    ({ kind: 'call', bytes: partBytes, run: untilCame(parts) }) as const;
  const failure = { kind: 'replaceResponse', status: 500, body: '<Error/>' } as const;
  line.add({ match: 'UploadPart', nth: [1, 2], action: [whenCame(2), failure] });
  line.add({ match: 'UploadPart', nth: [3, 4], action: whenCame(4) });
  await send(partSlots(partBytes, 2 * partBytes));
  const numbers = line.log.flatMap(({ url }) => /partNumber=(\d)/.exec(url)?.[1] ?? []);
  expect([numbers.slice(0, 4).toSorted(), numbers.slice(4)]).toEqual([['1', '1', '2', '2'], ['3']]);
  expect((await objectBytes(remote, 'a.mp4')).equals(bytes)).toBe(true);
});
