import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { judge, judgeBuffer } from '../support/judging.ts';
import {
  ffmpegMissing,
  growingRecording,
  recording,
  type RecordingKind,
} from '../support/recordings.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Three seconds by ffmpeg, written to `path`. */
async function encode(path: string, ...options: string[]): Promise<string> {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'];
  const sound = ['-f', 'lavfi', '-i', 'anoisesrc=sample_rate=48000:amplitude=0.1'];
  const inputs = options.includes('-vn') ? sound : [...picture, ...sound];
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...inputs, '-t', '3'];
  await promisify(execFile)('ffmpeg', [...args, ...options, path]);
  return path;
}
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-c:a', 'aac'];
const fragmented = [...h264, '-movflags', 'frag_keyframe+empty_moov+delay_moov'];

const formats: Readonly<Record<string, readonly string[]>> = {
  'plain.mp4': h264,
  'fast-start.mov': [...h264, '-movflags', 'faststart'],
  'fragmented.mp4': fragmented,
  'stream.mp4': [...h264, '-movflags', 'cmaf'],
  'screen.mkv': h264,
  'sound.m4a': ['-vn', '-c:a', 'aac'],
  'sound.wav': ['-vn'],
  'long.wav': ['-vn', '-rf64', 'always'],
  'sound.avi': ['-vn', '-c:a', 'pcm_s16le'],
  'sound.mp3': ['-vn'],
  'sound.flac': ['-vn'],
  'sound.ogg': ['-vn', '-c:a', 'libvorbis'],
  'sound.opus': ['-vn', '-c:a', 'libopus'],
  'sound.mka': ['-vn', '-c:a', 'libopus'],
};

/**
 * What a file of each format may be when its last part is missing. Frames of MP3 and FLAC end anywhere; a
 * lost index is lost also in part; what ffmpeg closes with a list of its fragments is not closed without.
 */
const cut: Readonly<Record<string, readonly string[]>> = {
  'plain.mp4': ['no-index', 'cut-short'],
  'sound.m4a': ['no-index', 'cut-short'],
  'fragmented.mp4': ['cut-short', 'not-closed'],
  'stream.mp4': ['cut-short', 'not-closed'],
  'sound.mp3': ['complete'],
  'sound.flac': ['complete'],
};

const box = (type: string, content: Buffer): Buffer => {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length + 8);
  return Buffer.concat([size, Buffer.from(type), content]);
};

describe.skipIf(ffmpegMissing())('a recording by ffmpeg', () => {
  test.for(Object.entries(formats))(
    '%s is complete when it is finished, and told when its end is missing',
    async ([name, options]) => {
      await using dir = await tempDir();
      const path = await encode(join(dir.path, name), ...options);
      expect(await judge(path)).toBe('complete');
      const bytes = await readFile(path);
      for (const part of [0.3, 0.6, 0.98]) {
        const end = Math.floor(bytes.length * part);
        const verdict = await judgeBuffer(bytes.subarray(0, end));
        expect(cut[name] ?? ['cut-short'], `${name} cut at ${part}`).toContain(verdict);
      }
    },
  );

  test.for([
    ['mp4', 'no-index'],
    ['m4a', 'no-index'],
    ['mkv', 'not-closed'],
    ['wav', 'not-closed'],
    ['mp3', 'complete'],
  ] as const)('that was killed while it wrote its %s is %s', async ([kind, verdict]) => {
    await using dir = await tempDir();
    const path = join(dir.path, `lecture.${kind satisfies RecordingKind}`);
    await using recorder = growingRecording(path, 60);
    await vi.waitUntil(
      () =>
        stat(path).then(
          ({ size }) => size > 6_000,
          () => false,
        ),
      {
        timeout: 20_000,
      },
    );
    recorder.child.kill('SIGKILL');
    await recorder.done.catch(() => {});
    expect(await judge(path)).toBe(verdict);
  });

  test('to a pipe lacks what is written last; the same of a browser, which never writes it, is complete', async () => {
    await using dir = await tempDir();
    const path = await encode(join(dir.path, 'live.mkv'), ...h264, '-f', 'matroska', '-live', '1');
    const bytes = await readFile(path);
    expect(await judgeBuffer(bytes)).toBe('not-closed');
    const browser = Buffer.from(bytes.toString('latin1').replaceAll('Lavf', 'Chrm'), 'latin1');
    expect(await judgeBuffer(browser)).toBe('complete');
  });

  test('whose MP4 was made by hand: long sizes, open ends, padding and other families', async () => {
    await using dir = await tempDir();
    const { path } = await recording('mp4', join(dir.path, 'a.mp4'), { seconds: 1 });
    const bytes = await readFile(path);
    const at = bytes.indexOf('moov') - 4;
    const [media, index] = [bytes.subarray(0, at), bytes.subarray(at)];
    expect(await judgeBuffer(media)).toBe('no-index');
    expect(await judgeBuffer(Buffer.concat([bytes, Buffer.alloc(5_000)]))).toBe('complete');
    expect(await judgeBuffer(Buffer.concat([media, Buffer.alloc(5_000)]))).toBe('no-index');
    const long = Buffer.concat([
      Buffer.from('00000001', 'hex'),
      Buffer.from('mdat'),
      Buffer.alloc(8),
    ]);
    const start = bytes.subarray(0, bytes.indexOf('mdat') - 4);
    // 64-bit sizes: right, beyond every file, and as a loop to itself.
    for (const [size, verdict] of [
      [16n + 100n, 'complete'],
      [2n ** 63n, 'cut-short'],
      [0n, 'no-index'],
    ] as const) {
      long.writeBigUInt64BE(size, 8);
      expect(await judgeBuffer(Buffer.concat([start, long, Buffer.alloc(100), index]))).toBe(
        verdict,
      );
    }
    // A size of 0 reaches to the end, and then the index must have come before it.
    const openEnd = Buffer.concat([Buffer.alloc(4), Buffer.from('mdat'), Buffer.alloc(500)]);
    expect(await judgeBuffer(Buffer.concat([start, openEnd]))).toBe('no-index');
    expect(await judgeBuffer(Buffer.concat([start, index, openEnd]))).toBe('complete');
    // A photograph (HEIF) and a piece of a stream have the same head and no index of their own.
    expect(await judgeBuffer(Buffer.concat([start, box('meta', Buffer.alloc(50))]))).toBe(
      'unknown',
    );
    expect(await judgeBuffer(box('styp', Buffer.alloc(16)))).toBe('unknown');
  });
});
