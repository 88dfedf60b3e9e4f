/** @file A process that uploads the file in its third argument until it is killed. */
import { openEngine } from '../../electron/engine/engine.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/client.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const home = lockHome({ path: process.argv[3]! });
const engine = openEngine({
  database: home.database,
  homePath: home.path,
  remote: openStorage(settings),
  clientVersion: 'test',
  quietMs: 0, // It is read by its job, and not before.
  rescanMs: 60_000,
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  random: Math.random,
  log: () => {},
});
const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
await engine.uploadNow([process.argv[4]!], to, AbortSignal.timeout(60_000));
