/** @file A hook on a share whose server has gone. */
import { expect, test, vi } from 'vitest';
import { findProgram } from '../../electron/engine/program.ts';
import { openTestEngine } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

vi.mock('../../electron/engine/program.ts', { spy: true });

test('looking for a hook on a disk that does not answer ends, is said to have failed, and delays no end', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  vi.mocked(findProgram).mockReturnValue(new Promise(() => {}));
  const hookTimes = { limitMs: 200, collectMs: 600_000 };
  await using app = openTestEngine(s3, dir.path, { hook: '/share/tell', hookTimes });
  const signal = AbortSignal.timeout(20_000);
  await app.engine.hook.settled(signal);
  expect(signal.aborted).toBe(false);
  expect(app.heard).toContainEqual({
    type: 'hook',
    detail: 'The disk with the hook does not answer',
  });
});
