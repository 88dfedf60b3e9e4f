import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBuffers } from '../../electron/engine/buffers.ts';
import { fingerprintLarge } from '../../electron/engine/large-files.ts';
import { partSlots } from '../../electron/engine/part-slots.ts';
import { openSource } from '../../electron/engine/source.ts';
import { putParts } from '../../electron/engine/upload.ts';
import { MIB, planParts } from '../../shared/parts.ts';
import { objectBytes, openRemote, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('parts are sent while those before them are being written into the ledger, and none counts before it is', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  using remote = openRemote(s3);
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, 20 * MIB);
  const { signal } = new AbortController();
  const { mtimeNs } = await stat(path, { bigint: true });
  const version = { path, sizeBytes: bytes.length, mtimeNs: String(mtimeNs) };
  await using source = await openSource(version, signal);
  const partBytes = 8 * MIB;
  const { parts, ...whole } = await fingerprintLarge(
    source.file,
    planParts(bytes.length, partBytes),
    signal,
  );
  const sent: number[] = [];
  const [allSent, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const uploading = putParts(
    {
      remote,
      key: 'a.mp4',
      headers: { contentType: 'video/mp4', metadata: {}, storageClass: undefined },
      file: source.file,
      prints: parts,
      whole,
      partBytes,
      slots: partSlots(partBytes),
      buffers: createBuffers(),
      assertUnchanged: source.assertUnchanged,
      assertFree: async () => {},
      signal,
    },
    {
      open: null,
      parts: [],
      opening: () => ({ forget: () => {}, [Symbol.dispose]: () => {} }),
      began: () => {},
      sent: (_id, { number }) => {
        if (sent.push(number) === parts.length) allSent.resolve();
        return written.promise;
      },
    },
  );
  await allSent.promise;
  expect(await remote.head('a.mp4', signal)).toBeUndefined();
  written.resolve();
  await uploading;
  expect((await objectBytes(remote, 'a.mp4')).equals(bytes)).toBe(true);
});
