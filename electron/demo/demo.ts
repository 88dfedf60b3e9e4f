import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedS3 } from '../embedded-s3/server.ts';
import type { Demo } from '../engine/desktop.ts';
import { record, samples } from './samples.ts';

/**
 * Storage on this computer, a folder to watch and recordings that arrive in it, all in a temporary place
 * that is removed at the end.
 *
 * @param nativeBinding Path of another build of SQLite's native module, for an older Electron.
 */
export async function startDemo(nativeBinding?: string): Promise<Demo> {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'pansea-demo-')));
  const ending = new AbortController();
  const folder = join(place, 'Recordings');
  await mkdir(folder);
  const s3 = await startEmbeddedS3({ dataDir: join(place, 's3'), nativeBinding });
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3;
  let recording: Promise<string[]> | undefined;
  return {
    settings: {
      endpoint,
      region,
      bucket,
      credentials: { accessKeyId, secretAccessKey },
      keysFrom: 'demo',
      profile: undefined,
      verifyTls: true,
      ca: undefined,
      proxyEnv: {},
    },
    homePath: join(place, 'home'),
    folder,
    quietMs: 2_000,
    rule: { kind: 'audio', classId: 'bio-101', userId: 'demo-teacher', include: [], exclude: [] },
    begin() {
      recording ??= recordAll(folder, ending.signal);
      return recording;
    },
    async close() {
      ending.abort(new Error('The demo ends'));
      await recording?.catch(() => {});
      await s3.close();
      await rm(place, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function recordAll(folder: string, signal: AbortSignal): Promise<string[]> {
  const paths: string[] = [];
  for (const sample of samples) paths.push(await record(folder, sample, signal));
  return paths;
}
