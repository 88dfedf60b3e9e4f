/** @file A process that uploads the file in its third argument until it is killed. */
import { lockHome } from '../../electron/engine/home/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { bareEngine } from '../support/bare-engine.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const home = lockHome({ path: process.argv[3]! });
const engine = bareEngine(home, openStorage(settings), {
  quietMs: 0, // It is read by its job, and not before.
  rescanMs: 60_000,
});
const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
await engine.uploadNow([process.argv[4]!], to, AbortSignal.timeout(60_000));
