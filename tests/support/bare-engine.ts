import { openEngine, type EngineOptions } from '../../electron/engine/engine.ts';
import type { Home } from '../../electron/engine/home/home.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { folderRule } from '../../electron/engine/store/folders.ts';

/** An engine for a process of its own, in which there is no test runner. It tries again at once. */
export const bareEngine = (home: Home, remote: Remote, options: Partial<EngineOptions> = {}) =>
  openEngine({
    database: home.database,
    homePath: home.path,
    remote,
    clientVersion: 'test',
    quietMs: 30,
    rescanMs: 300,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: () => 0,
    log: () => {},
    ...options,
  });

/** A class folder's rule, for the same. */
export const bioFolder = folderRule.parse({ kind: 'audio', classId: 'bio-101', userId: 'u' });
