import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { planMigration } from '../../electron/engine/migrate/plan.ts';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { tempDir } from '../support/temp-dir.ts';

vi.mock(import('../../electron/engine/migrate/doubts.ts'), async (original) => ({
  ...(await original()),
  doubtAbout: () => Promise.reject(new Error('It fails')),
}));
/** A disk takes its time from one file to the next. */
vi.mock(import('../../electron/engine/migrate/scan-archive.ts'), async (original) => {
  const { scanArchive } = await original();
  return {
    async *scanArchive(...asked) {
      for await (const found of scanArchive(...asked)) {
        yield found;
        await setImmediate();
      }
    },
  };
});

test('a file that cannot be looked into ends its plan alone, also while the next folders are looked for', async () => {
  await using dir = await tempDir();
  const root = join(dir.path, 'archive');
  const names = Array.from({ length: 12 }, (_, n) => [`${n}/lecture.mp3`, `lecture ${n}`]);
  await writeArchive(root, Object.fromEntries(names));
  const mapping = join(dir.path, 'mapping.csv');
  await writeMapping(mapping, [['', 'bio-101', 'teacher-7', 'audio']]);
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  process.on('unhandledRejection', hear);
  onTestFinished(() => void process.off('unhandledRejection', hear));
  const planning = planMigration(
    { root, mapping, out: join(dir.path, 'p.jsonl'), userId: 'u', quietMs: 0, nowMs: Date.now },
    () => {},
    async () => {},
    AbortSignal.timeout(30_000),
  );
  await expect(planning).rejects.toThrow('It fails');
  expect(unheard).toEqual([]);
});
