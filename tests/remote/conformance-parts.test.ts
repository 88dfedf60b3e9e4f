/** @file The same for uploads in parts: what every storage makes of them, through the port. */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { StreamLedger } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import { objectBytes, unfinishedUploads } from '../support/engine.ts';
import { unavailable } from '../support/s3-servers.ts';
import {
  bodies,
  codeOf,
  decoded,
  headers,
  openPort,
  roads,
  sendParts,
  signal,
  wholeOf,
} from './port.ts';

/** As bytes arrive from a line: in pieces of any size. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

async function* broken(): AsyncGenerator<Buffer> {
  yield* pieces(randomBytes(20 * MIB));
  throw new AppError('too-large');
}

const ledgerThat = (hears: (step: keyof StreamLedger) => void): StreamLedger => ({
  opening: () => hears('opening'),
  opened: () => hears('opened'),
  completed: () => hears('completed'),
  ended: () => hears('ended'),
});
const silent = ledgerThat(() => {});

for (const road of roads) {
  const { name, way, line } = road;
  describe.skipIf(unavailable(name))(`on ${name}, the ${way} way, over ${line}`, () => {
    test('an object in parts appears only when it is finished, whole, with its metadata', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const id = await remote.createUpload('k.mp4', headers, signal());
      const parts = await sendParts(remote, 'k.mp4', id, bodies);
      expect(await remote.head('k.mp4', signal())).toBeUndefined();
      expect((await remote.list('', 10, undefined, signal())).objects).toEqual([]);
      const listed = (await remote.listParts('k.mp4', id, signal()))!;
      expect([...listed.keys()]).toEqual([1, 2]);
      for (const { number, etag, sizeBytes, crc32: crc } of parts) {
        const there = listed.get(number);
        expect(there).toMatchObject({ etag, sizeBytes });
        expect([crc, undefined]).toContain(there?.crc32);
      }
      const whole = wholeOf(bodies);
      await remote.completeUpload('k.mp4', id, parts, whole, signal());
      const info = await remote.head('k.mp4', signal());
      expect(info).toMatchObject({ sizeBytes: whole.sizeBytes, metadata: decoded });
      // A composite checksum, or none, is told as none: it could not be compared.
      expect([whole.crc32, undefined]).toContain(info?.crc32);
      expect((await objectBytes(remote, 'k.mp4')).equals(Buffer.concat(bodies))).toBe(true);
      expect(await unfinishedUploads(on.s3)).toEqual([]);
    });

    test('a stream of unknown length becomes an object, in one request or in parts that are written down', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      for (const [key, sizeBytes, steps] of [
        ['small', 5, []],
        ['one part', 8 * MIB, []],
        ['two parts', 8 * MIB + 1, ['opening', 'opened', 'completed']],
      ] as const) {
        const bytes = randomBytes(sizeBytes);
        const told: string[] = [];
        const ledger = ledgerThat((step) => told.push(step));
        const whole = await remote.putStream(key, pieces(bytes), headers, ledger, signal());
        expect([key, told]).toEqual([key, steps]);
        expect(whole).toEqual(wholeOf([bytes]));
        const info = await remote.head(key, signal());
        expect(info).toMatchObject({ sizeBytes, metadata: decoded });
        expect([whole.crc32, undefined]).toContain(info?.crc32);
        expect((await objectBytes(remote, key)).equals(bytes)).toBe(true);
      }
      const again = remote.putStream('small', pieces(Buffer.from('x')), headers, silent, signal());
      // Ceph's gateway and Swift overlook the condition of a write, or know none.
      expect(name === 'embedded' ? ['key-taken'] : ['key-taken', 'no error']).toContain(
        await codeOf(again),
      );
    });

    test('a stream that breaks off leaves neither object nor parts, and its own error', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const told: string[] = [];
      const ledger = ledgerThat((step) => told.push(step));
      const code = await codeOf(remote.putStream('k', broken(), headers, ledger, signal()));
      expect([code, told]).toEqual(['too-large', ['opening', 'opened', 'ended']]);
      expect(await unfinishedUploads(on.s3)).toEqual([]);
      expect(await remote.head('k', signal())).toBeUndefined();
    });

    test('a part sent again replaces the part of that number', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const id = await remote.createUpload('k', headers, signal());
      await sendParts(remote, 'k', id, [Buffer.alloc(5 * MIB, 9), Buffer.from('old')]);
      const parts = await sendParts(remote, 'k', id, bodies);
      await remote.completeUpload('k', id, parts, wholeOf(bodies), signal());
      expect((await objectBytes(remote, 'k')).equals(Buffer.concat(bodies))).toBe(true);
    });

    test('an upload that is called off frees its parts; calling it off twice is harmless', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const id = await remote.createUpload('k', headers, signal());
      const parts = await sendParts(remote, 'k', id, bodies);
      await remote.abortUpload('k', id, signal());
      await remote.abortUpload('k', id, signal());
      expect(await unfinishedUploads(on.s3)).toEqual([]);
      const codes = [
        await codeOf(remote.listParts('k', id, signal())),
        await codeOf(remote.putPart('k', id, 1, bodies[1]!, crc32(bodies[1]!), signal())),
        await codeOf(remote.completeUpload('k', id, parts, wholeOf(bodies), signal())),
      ];
      // Ceph's gateway takes it for a completion that is under way: it is asked again, and lists no parts then.
      const completed = name === 'rgw' ? 'server-error' : 'upload-gone';
      expect(codes).toEqual(['upload-gone', 'upload-gone', completed]);
      expect(await remote.head('k', signal())).toBeUndefined();
    });

    test('a completed upload that is completed again is done, or gone, and its object stays', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const id = await remote.createUpload('k', headers, signal());
      const parts = await sendParts(remote, 'k', id, bodies);
      await remote.completeUpload('k', id, parts, wholeOf(bodies), signal());
      const again = await codeOf(remote.completeUpload('k', id, parts, wholeOf(bodies), signal()));
      // Each of these leads the engine to a look at the object's token. Ceph's gateway answers 200 with nothing in it.
      const expected = name === 'rgw' ? ['server-error'] : ['no error', 'upload-gone', 'key-taken'];
      expect(expected).toContain(again);
      expect((await objectBytes(remote, 'k')).equals(Buffer.concat(bodies))).toBe(true);
    });

    test('a part that the storage does not hold as told is not built into an object', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const id = await remote.createUpload('k', headers, signal());
      const [first, second] = await sendParts(remote, 'k', id, bodies);
      const wrong = { ...second!, etag: '0'.repeat(32) };
      const code = await codeOf(
        remote.completeUpload('k', id, [first!, wrong], wholeOf(bodies), signal()),
      );
      expect(code).toBe('upload-gone');
      expect(await remote.head('k', signal())).toBeUndefined();
      await remote.abortUpload('k', id, signal());
    });
  });
}

// Ceph and Swift take no notice of either: what is stored is looked at afterwards all the same.
test.each(roads.filter(({ name }) => name === 'embedded'))(
  'a completion says the size and the checksum of the whole, and one that does not fit is refused ($way, $line)',
  async (road) => {
    await using on = await openPort(road);
    const { remote } = on;
    const whole = wholeOf(bodies);
    const wrong = [
      { ...whole, sizeBytes: whole.sizeBytes + 1 },
      { ...whole, crc32: whole.crc32 + 1 },
    ];
    for (const told of wrong) {
      const id = await remote.createUpload('k', headers, signal());
      const parts = await sendParts(remote, 'k', id, bodies);
      const code = await codeOf(remote.completeUpload('k', id, parts, told, signal()));
      expect(code).toMatch(/^(?:request-refused|damaged-in-transit)$/);
      expect(await remote.head('k', signal())).toBeUndefined();
      await remote.abortUpload('k', id, signal());
    }
  },
);
