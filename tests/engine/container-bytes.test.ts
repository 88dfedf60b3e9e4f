import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  maxSafeInteger,
  oneof,
  tuple,
  uint8Array,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BYTES, MAX_READS } from '../../electron/engine/container/bytes.ts';
import { judgeBytes, judgeFile } from '../../electron/engine/container/judge.ts';
import { judge, judgeBuffer } from '../support/judging.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('a WAV', () => {
  const sound = Buffer.alloc(20_000, 7);
  const wav = (length: number, after = Buffer.alloc(0)): Buffer => {
    const head = Buffer.alloc(44);
    head.write('RIFF', 0);
    head.writeUInt32LE(36 + sound.length, 4);
    head.write('WAVEfmt ', 8);
    head.writeUInt32LE(16, 16);
    head.write('data', 36);
    head.writeUInt32LE(length, 40);
    return Buffer.concat([head, sound, after]);
  };
  const label = Buffer.concat([
    Buffer.from('LIST'),
    Buffer.from([4, 0, 0, 0]),
    Buffer.from('INFO'),
  ]);

  test.for([
    ['its own length', sound.length, undefined, 'complete'],
    ['its own length, and a label behind it', sound.length, label, 'complete'],
    ['a length of 0, as while it is recorded', 0, undefined, 'not-closed'],
    ['the length that ffmpeg fills in later', 0xffff_ffff, undefined, 'not-closed'],
    ['more than is there', sound.length * 2, undefined, 'cut-short'],
    ['less than is there, as between two corrections', sound.length / 2, undefined, 'not-closed'],
    ['a few bytes of another program behind it', sound.length, Buffer.alloc(200), 'complete'],
  ] as const)('that claims %s', async ([, length, after, verdict]) => {
    expect(await judgeBuffer(wav(length, after))).toBe(verdict);
  });
});

test('what Zoom has not converted, what is empty and what is no recording', async () => {
  await using dir = await tempDir();
  const files = {
    'double_click_to_convert_01.zoom': 'unconverted',
    'notes.txt': 'unknown',
    'nothing.mp4': 'empty',
  };
  for (const [name, verdict] of Object.entries(files)) {
    const path = join(dir.path, name);
    await writeFile(path, name === 'nothing.mp4' ? '' : 'some words of more than twelve bytes');
    expect(await judge(path)).toBe(verdict);
  }
  expect(await judgeFile({ path: join(dir.path, 'gone.mp4'), sizeBytes: 5_000 })).toEqual({
    kind: 'unknown',
  });
  // A label without any frame after it, as an encoder leaves that was killed at once.
  const id3 = Buffer.concat([
    Buffer.from('ID3'),
    Buffer.from([4, 0, 0, 0, 0, 0, 20]),
    Buffer.alloc(20),
  ]);
  expect(await judgeBuffer(id3)).toBe('no-sound');
  expect(await judgeBuffer(Buffer.concat([id3, Buffer.from([0xff, 0xfb, 0x90, 0])]))).toBe(
    'complete',
  );
});

/** Heads that lead into each parser, and into its loops. */
const heads = [
  '000000186674797069736f6d0000020069736f6d6d703432',
  '000000086d6f6f7600000008',
  '1a45dfa3',
  '1a45dfa38018538067ff',
  '52494646ffffffff57415645',
  '5246363400000000574156456473363410000000',
  '52494646ffffffff41564920',
  '664c614300000022',
  '4f67675300',
  '494433040000',
].map((hex) => Buffer.from(hex, 'hex'));

describe('no bytes whatever', () => {
  const bytes = oneof(
    uint8Array({ maxLength: 400 }),
    // Repeated small units make long chains of boxes, chunks and pages.
    tuple(uint8Array({ minLength: 1, maxLength: 16 }), integer({ min: 1, max: 50 })).map(
      ([unit, times]) =>
        Uint8Array.from({ length: times * unit.length }, (_, i) => unit[i % unit.length]!),
    ),
    constantFrom(...heads),
    constantFrom(
      ...['00000008free', '00000000mdat', 'OggS', 'data', 'ds64', 'moov', 'mvex', '....mfro'].map(
        (text) => Buffer.from(text, 'latin1'),
      ),
    ),
  );

  test('make a parser throw, go on for ever or read more than its bound', async () => {
    await assert(
      asyncProperty(
        constantFrom(...heads, Buffer.alloc(0)),
        array(bytes, { maxLength: 6 }),
        // What follows is repeated for as long as the file claims to be, up to the largest there is.
        oneof(constant(0), integer({ min: 0, max: 100_000 }), maxSafeInteger()),
        async (head, parts, more) => {
          const content = Buffer.concat([head, ...parts]);
          const sizeBytes = content.length + Math.abs(more);
          let [reads, total] = [0, 0];
          const file = {
            async read(buffer: Buffer, offset: number, length: number, position: number) {
              reads += 1;
              total += length;
              for (let i = 0; i < length; i += 1)
                buffer[offset + i] = content[(position + i) % content.length] ?? 0;
              return { bytesRead: length };
            },
          };
          const { kind } = await judgeBytes(file, sizeBytes);
          expect(['complete', 'unknown', 'unfinished']).toContain(kind);
          expect(reads).toBeLessThanOrEqual(MAX_READS);
          expect(total).toBeLessThanOrEqual(MAX_BYTES);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('that lead through a million boxes are followed for long: nothing is said of them', async () => {
    const unit = Buffer.from('0000000866726565', 'hex');
    let reads = 0;
    const file = {
      async read(buffer: Buffer, _offset: number, length: number, position: number) {
        reads += 1;
        const head = position === 0 ? heads[0]! : unit;
        for (let i = 0; i < length; i += 1) buffer[i] = head[i % head.length]!;
        return { bytesRead: length };
      },
    };
    expect(await judgeBytes(file, 8_000_000)).toEqual({ kind: 'unknown' });
    expect(reads).toBeLessThanOrEqual(MAX_READS);
  });
});

test('a few kilobytes are read of a large recording, not the whole', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'large.wav');
  const sizeBytes = 3_000_000_044;
  await using file = await open(path, 'w+');
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.write('data', 36);
  head.writeUInt32LE(sizeBytes - 44, 40);
  await file.write(head, 0, 44, 0);
  await file.truncate(sizeBytes);
  let total = 0;
  const counting = {
    read: (buffer: Buffer, offset: number, length: number, position: number) => {
      total += length;
      return file.read(buffer, offset, length, position);
    },
  };
  expect(await judgeBytes(counting, sizeBytes)).toEqual({ kind: 'complete' });
  expect(total).toBeLessThan(4_096);
});
