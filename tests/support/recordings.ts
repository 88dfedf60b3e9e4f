/** @file Real recordings, made by ffmpeg: what a teacher's microphone or screen recorder would leave. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { inject } from 'vitest';

export { ffmpegMissing } from './ffmpeg.ts';

/** The head of an MP4 whose recorder broke off: without the index that is written last. */
export const noIndex = Buffer.concat([
  Buffer.from('00000018667479706d70343200000000', 'hex'),
  Buffer.alloc(90_000, 1),
]);

const run = promisify(execFile);

export type RecordingKind = 'mp3' | 'wav' | 'm4a' | 'mp4' | 'mkv';

type RecordingOptions = Readonly<{
  /** Length; 5 unless told. A long one repeats a piece of at most 20 s. */
  seconds?: number;
  /** Repeats the piece, at a high bit rate, until the file is at least this big. Replaces `seconds`. */
  sizeBytesAtLeast?: number;
  /** Recordings with different seeds hold different sound, and so different bytes. */
  seed?: number;
}>;

/**
 * Writes a finished, playable recording to `file` and answers its size. Each different recording
 * is encoded once for the whole test run and copied from then on. 300 MB take about two seconds.
 */
export async function recording(
  kind: RecordingKind,
  file: string,
  options: RecordingOptions = {},
): Promise<{ path: string; sizeBytes: number }> {
  const cached = path.join(inject('runDir'), 'recordings', `${cacheName(options)}.${kind}`);
  if ((await sizeOf(cached)) === undefined) await make(kind, cached, options);
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(cached, file, constants.COPYFILE_FICLONE);
  return { path: file, sizeBytes: (await stat(file)).size };
}

/**
 * Records into `file` in real time, as a recorder does: the file is there at once, grows for
 * `seconds`, and is finished (an mp4 only then gets its index) when `done` resolves. The kind is
 * the one the file name ends with. Disposing stops the recorder the hard way, if it still runs.
 */
export function growingRecording(
  file: string,
  seconds: number,
): { child: ChildProcess; done: Promise<void> } & AsyncDisposable {
  const kind = path.extname(file).slice(1) as RecordingKind; // An unknown kind fails in `codecs`.
  const inputs = sources(kind, 1).flatMap((source) => ['-re', '-f', 'lavfi', '-i', source]);
  const child = spawn(
    'ffmpeg',
    [...quiet, ...inputs, '-t', String(seconds), ...codecs(kind, false), ...writeSoon(kind), file],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`ffmpeg stopped with ${code ?? signal} while recording ${file}`));
    });
  });
  done.catch(() => {}); // Whoever awaits `done` sees the failure; a test that kills the recorder may not.
  return {
    child,
    done,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await done.catch(() => {});
    },
  };
}

const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'] as const;
const LONGEST_PIECE_SECONDS = 20;

/** Encodes one short piece and repeats it without encoding again: this is what makes big files quick. */
async function make(kind: RecordingKind, file: string, options: RecordingOptions): Promise<void> {
  const { seconds = 5, sizeBytesAtLeast, seed = 1 } = options;
  const big = sizeBytesAtLeast !== undefined;
  const pieceSeconds = big ? 10 : Math.min(seconds, LONGEST_PIECE_SECONDS);
  const unique = `${process.pid}-${performance.now()}`;
  const piece = path.join(path.dirname(file), `piece-${unique}.${kind}`);
  const whole = path.join(path.dirname(file), `whole-${unique}.${kind}`);
  await mkdir(path.dirname(file), { recursive: true });
  const inputs = sources(kind, seed).flatMap((source) => ['-f', 'lavfi', '-i', source]);
  await run('ffmpeg', [
    ...quiet,
    ...inputs,
    '-t',
    String(pieceSeconds),
    ...codecs(kind, big),
    piece,
  ]);

  // A container's own overhead shrinks when pieces are joined: a little more than the sizes suggest.
  const repeats = big
    ? Math.ceil((1.02 * sizeBytesAtLeast) / (await stat(piece)).size) + 1
    : Math.ceil(seconds / pieceSeconds);
  const length = big ? [] : ['-t', String(seconds)];
  const loop = ['-stream_loop', String(repeats - 1), '-i', piece, '-c', 'copy'];
  if (repeats > 1) await run('ffmpeg', [...quiet, ...loop, ...length, whole]);
  await rename(repeats > 1 ? whole : piece, file); // Another worker may have made the same: no matter.
}

/** Sound is noise with a tone in it, so that nothing compresses it away and no two parts are alike. */
function sources(kind: RecordingKind, seed: number): string[] {
  const sound = `anoisesrc=sample_rate=48000:amplitude=0.1:seed=${seed},aformat=channel_layouts=stereo`;
  const picture = 'testsrc2=size=640x360:rate=25';
  return kind === 'mp4' || kind === 'mkv' ? [picture, sound] : [sound];
}

function codecs(kind: RecordingKind, big: boolean): string[] {
  const aac = ['-c:a', 'aac', '-b:a', big ? '320k' : '96k'];
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-qp',
    big ? '4' : '40',
  ];
  switch (kind) {
    case 'mp3':
      return ['-c:a', 'libmp3lame', '-b:a', big ? '320k' : '64k'];
    case 'wav':
      return ['-c:a', 'pcm_s16le'];
    case 'm4a':
      return aac;
    case 'mp4':
    case 'mkv':
      return [...h264, ...aac];
    default:
      throw new Error(`No recording of kind ${String(kind satisfies never)}`);
  }
}

/** Lets a growing file be seen to grow: Matroska otherwise writes a cluster every five seconds. */
const writeSoon = (kind: RecordingKind): string[] =>
  ['-flush_packets', '1'].concat(kind === 'mkv' ? ['-cluster_time_limit', '300'] : []);

const cacheName = ({ seconds = 5, sizeBytesAtLeast, seed = 1 }: RecordingOptions): string =>
  sizeBytesAtLeast === undefined ? `${seconds}s-${seed}` : `${sizeBytesAtLeast}b-${seed}`;

const sizeOf = (file: string): Promise<number | undefined> =>
  stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
