import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createLink } from '../../electron/engine/library/share.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { MIB } from '../../shared/parts.ts';
import { openTestEngine } from '../support/engine.ts';
import { ffmpegMissing, growingRecording, recording } from '../support/recordings.ts';
import { openServer, unavailable } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const run = promisify(execFile);

const curl = (from: string, ...args: string[]) =>
  run('curl', ['-sS', ...args, from], { encoding: 'buffer', maxBuffer: 64 * MIB });

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

describe.skipIf(ffmpegMissing())('the main job', () => {
  describe.each(['embedded', 'rgw', 'swift'] as const)('on %s', (name) => {
    test.skipIf(unavailable(name))(
      'real recordings, one of 300 MB and one still being written, become verified objects of their class, each once and none before it was complete',
      { timeout: 180_000 },
      async () => {
        const signal = AbortSignal.timeout(170_000);
        await using s3 = await openServer(name);
        await using dir = await tempDir();
        await using folder = await tempDir();
        await using app = openTestEngine(s3, dir.path, { quietMs: 1_500 });
        const rule = {
          kind: 'audio',
          classId: 'bio-101',
          userId: 'teacher-7',
          include: [],
          exclude: [],
        } as const;

        const early = await recording('mp3', join(folder.path, 'before the app.mp3'));
        await app.engine.addFolder(folder.path, { ...rule, include: [], exclude: [] });
        app.engine.start();
        await using live = growingRecording(join(folder.path, 'live.mp4'), 6);
        let liveEndedMs = Infinity;
        void live.done.then(() => (liveEndedMs = Date.now()));

        const paths = [early.path, join(folder.path, 'live.mp4')];
        for (const kind of ['wav', 'm4a', 'mp4'] as const)
          paths.push((await recording(kind, join(folder.path, `cours d’économie.${kind}`))).path);
        paths.push(
          (
            await recording('mkv', join(folder.path, 'week 2', 'long.MKV'), {
              sizeBytesAtLeast: 300 * MIB,
            })
          ).path,
        );

        const verified = () => app.engine.jobs.list('verified', -1);
        await expect
          .poll(() => verified().length, { timeout: 120_000, interval: 200 })
          .toBe(paths.length);

        const listed = (await app.remote.list('', 1_000, undefined, signal)).objects;
        expect(listed).toHaveLength(paths.length);
        expect(new Set(listed.map(({ key }) => key))).toEqual(
          new Set(verified().map(({ key }) => key)),
        );
        for (const job of verified()) {
          const extension = job.path.slice(job.path.lastIndexOf('.')).toLowerCase();
          expect(job.key).toMatch(new RegExp(`^audio/bio-101/[0-9a-f-]{36}\\${extension}$`));
          const info = await app.remote.head(job.key!, signal);
          const { size, mtimeMs } = await stat(job.path);
          expect(info?.sizeBytes).toBe(size);
          expect(info?.metadata).toEqual({
            user_id: 'teacher-7',
            class_id: 'bio-101',
            original_filename: job.name,
            content_type: job.contentType,
            upload_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            sha256: await sha256Of(job.path),
            recorded_at: new Date(Math.floor(mtimeMs)).toISOString(),
            upload_token: job.token,
            client_version: 'test',
          });
        }
        const liveJobs = verified().filter(({ path }) => path.endsWith('live.mp4'));
        expect(liveJobs).toHaveLength(1);
        expect(liveJobs[0]!.createdAtMs).toBeGreaterThan(liveEndedMs);
      },
    );

    test.skipIf(unavailable(name))(
      'a link gives curl the same bytes under the original name, and 403 after its end',
      async () => {
        const signal = AbortSignal.timeout(50_000);
        await using s3 = await openServer(name);
        await using dir = await tempDir();
        await using app = openTestEngine(s3, dir.path);
        const file = await recording('m4a', join(dir.path, 'Économie, week 1 "draft".m4a'));
        const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
        const [job] = await app.engine.uploadNow([file.path], to, signal);
        if (!job || !('key' in job) || !job.key) throw new Error('Not uploaded', { cause: job });

        const links = linkStore(app.home.database);
        const context = { remote: app.remote, links, nowMs: Date.now };
        const linkFor = (expiresInSeconds: number) =>
          createLink(context, { key: job.key!, expiresInSeconds, mode: 'download' }, signal);
        const { url, because } = await linkFor(60);
        expect(because).toBe('asked');
        const body = (await curl(url)).stdout;
        const headers = (await curl(url, '-o', '/dev/null', '-D', '-')).stdout.toString();
        expect(createHash('sha256').update(body).digest('hex')).toBe(await sha256Of(file.path));
        expect(headers).toMatch(/^HTTP\/1.1 200/);
        expect(headers).toContain(`filename*=UTF-8''%C3%89conomie%2C%20week%201%20%22draft%22.m4a`);
        const short = await linkFor(1);
        const status = async () => {
          const { stdout } = await curl(short.url, '-o', '/dev/null', '-w', '%{http_code}');
          return stdout.toString();
        };
        while ((await status()) === '200') await sleep(100);
        expect(await status()).toBe('403');
        // Not before its time, but for what the storage's clock is ahead.
        expect(Date.now()).toBeGreaterThan(short.link.expiresAtMs - 1_000);
      },
    );
  });
});
