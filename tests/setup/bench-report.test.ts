import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atLeast, atMost, notKnown } from '../../scripts/bench/goals.ts';
import { writeGoals, writeSection } from '../../scripts/bench/report.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a work that is measured again replaces its own section and goals, and nothing else', async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, 'docs'));
  const goalsOf = (work: string, ms: number) =>
    writeGoals(dir.path, ['Listing', 'Queue'], work, [
      atMost('time', '# ms', ms, 10),
      notKnown('memory: at most 5 MiB', 'no other client is here'),
    ]);
  await writeSection(dir.path, 'Where the time goes', 'hand', 'in profiles');
  await writeSection(dir.path, 'Queue', 'npm run bench', 'old queue');
  await writeSection(dir.path, 'Listing', 'npm run bench', 'the listing');
  await goalsOf('Queue', 1_234.5);
  await goalsOf('Listing', 9);
  await writeSection(dir.path, 'Queue', 'npm run bench', 'new queue');
  await goalsOf('Queue', 10);
  const text = await readFile(join(dir.path, 'docs', 'BENCHMARKS.md'), 'utf8');
  const rows = text.split('\n').filter((row) => row.startsWith('| '));
  expect(rows).toEqual([
    '| work | goal | measured | met |',
    '| --- | --- | --- | --- |',
    '| Listing | time: at most 10 ms | 9 ms | yes |',
    '| Listing | memory: at most 5 MiB | no other client is here | not known |',
    '| Queue | time: at most 10 ms | 10 ms | yes |',
    '| Queue | memory: at most 5 MiB | no other client is here | not known |',
  ]);
  expect(text.match(/^## .*/gm)).toEqual([
    '## Goals',
    '## Queue',
    '## Listing',
    '## Where the time goes',
  ]);
  expect([text.includes('new queue'), text.includes('old queue')]).toEqual([true, false]);
});

test('a goal is met up to its limit and not beyond', () => {
  expect(atMost('a', '# ×', 1.001, 1)).toEqual({
    goal: 'a: at most 1 ×',
    measured: '1.001 ×',
    isMet: false,
  });
  expect([atMost('a', '#', 1, 1).isMet, atLeast('a', '#', 0.9, 0.9).isMet]).toEqual([true, true]);
  expect(atLeast('a', '# a second', 3_299, 3_300)).toMatchObject({ isMet: false });
  expect(atMost('a', '# ms', NaN, 10)).toMatchObject({ isMet: false });
});
