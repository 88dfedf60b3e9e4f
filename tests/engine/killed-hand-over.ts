/** @file A process that is given the file in its third argument as a window gives it, and never finds it quiet. */
import { lockHome } from '../../electron/engine/home/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { bareEngine } from '../support/bare-engine.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const home = lockHome({ path: process.argv[3]! });
const engine = bareEngine(home, openStorage(settings), { quietMs: 3_600_000, rescanMs: 3_600_000 });
engine.start();
const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
const taking = engine.takeIn([process.argv[4]!], to, new AbortController().signal);
// It is one transaction with nothing before it: seen by another process it is on the disk.
console.log('taking');
await taking;
