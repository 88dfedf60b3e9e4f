/** @file What is known to be wrong in the bucket stays known, whatever clean-up finds beside it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { openArchive, writeOld, type Archive } from '../support/archive.ts';
import { clean, DAYS_MS, verified, verify } from '../support/cleaning.ts';

const files = { 'a.mp3': 'lecture a' };

const refuted = ({ app }: Archive) => auditStore(app.home.database).refuted();
const known = ({ plans, plan }: Archive) =>
  [...plans.files(plan.id)].map(({ verdict, level }) => [verdict, level]);

test.each<[string, 'undo' | 'purge', string, (archive: Archive, aside: string) => unknown]>([
  ['is lost here, too', 'undo', 'gone', (_archive, aside) => rm(aside)],
  ['has changed here', 'purge', 'changed', (_archive, aside) => writeOld(aside, 'LECTURE A')],
  [
    'may not be asked for',
    'purge',
    'denied',
    ({ s3 }) => void (s3.switches.denied = ['HeadObject', 'GetObject']),
  ],
])('what is missing in the bucket is told as that when it %s', async (_how, step, why, happens) => {
  await using archive = await verified(files);
  const { root, plan, s3 } = archive;
  await clean(archive, 'quarantine', 1);
  archive.pass(DAYS_MS);
  await s3.damage.remove(archive.keyOf('a.mp3'));
  await verify(archive);
  const missing = { 'missing-everywhere': 1 };
  expect(refuted(archive)).toEqual(missing);

  await happens(archive, join(root, '.pansea-quarantine', plan.id, 'a.mp3'));
  expect(await clean(archive, step, 1)).toEqual({ done: 0, kept: [`a.mp3: ${why}`] });
  expect([refuted(archive), known(archive)]).toEqual([missing, [['missing', 'full']]]);
});

test('what clean-up itself has read back and found wrong stays so, also where the storage keeps no checksum', async () => {
  await using archive = await openArchive(files, { checksums: 'ignored' });
  await archive.run();
  await verify(archive, 'read-back');
  const key = archive.keyOf('a.mp3');
  await archive.s3.damage.flipBit(key);
  const kept = ['a.mp3: differing'];
  expect(await clean(archive, 'quarantine', 1)).toEqual({ done: 0, kept });
  await verify(archive);
  expect(known(archive)).toEqual([['differing', 'read-back']]);
  expect(refuted(archive)).toEqual({ 'differs-in-bucket': 1 });

  await archive.s3.damage.flipBit(key);
  await verify(archive, 'read-back');
  expect(refuted(archive)).toEqual({});
  expect(await clean(archive, 'quarantine', 1)).toEqual({ done: 1, kept: [] });
});
