/** @file What an audit held against a stored recording, and what clears it. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import type { AuditLevel } from '../../shared/audit.ts';
import { AppError } from '../../shared/errors.ts';
import { look, withUploads } from '../support/audited.ts';
import type { TestEngine } from '../support/engine.ts';

/** What an audit says of the only recording, and what is held against it from then on. */
async function verdictOf(app: TestEngine, level: AuditLevel, remote: Remote) {
  const { byName } = await look(app, level, remote);
  return [byName['a.mp4'], auditStore(app.home.database).refuted()];
}

const denied = (remote: Remote): Remote => ({
  ...remote,
  head: () => Promise.reject(new AppError('read-denied')),
});

test('what was found to be wrong in the bucket is cleared by no lesser look, nor by one that is refused', async () => {
  await using t = await withUploads(['a.mp4']);
  const { remote } = t.app;
  const unproven: Remote = {
    ...remote,
    async head(...asked) {
      const info = await remote.head(...asked);
      return info && { ...info, crc32: undefined };
    },
  };
  const differs = ['differs-in-bucket', { 'differs-in-bucket': 1 }];
  await t.s3.damage.flipBit(t.keyOf('a.mp4'));
  // What reads nothing sees nothing.
  for (const level of ['list', 'head'] as const)
    expect(await verdictOf(t.app, level, unproven)).toEqual(['equal', {}]);
  expect(await verdictOf(t.app, 'full', unproven)).toEqual(differs);
  for (const level of ['head', 'list'] as const)
    expect(await verdictOf(t.app, level, unproven)).toEqual(differs);
  expect(await verdictOf(t.app, 'head', denied(remote))).toEqual(differs);
  await t.s3.damage.flipBit(t.keyOf('a.mp4'));
  expect(await verdictOf(t.app, 'list', unproven)).toEqual(['equal', {}]);
});

test('what was missing in the bucket is so until it is seen there, not until nobody may look', async () => {
  await using t = await withUploads(['a.mp4']);
  const { remote } = t.app;
  expect(await verdictOf(t.app, 'head', denied(remote))).toEqual(['unreadable', {}]);
  await t.s3.damage.remove(t.keyOf('a.mp4'));
  const missing = ['missing-in-bucket', { 'missing-in-bucket': 1 }];
  for (const from of [remote, denied(remote)])
    expect(await verdictOf(t.app, 'head', from)).toEqual(missing);
});

test('what a person’s audit has found stays when one goes by itself, which reads nothing back', async () => {
  await using t = await withUploads(['a.mp4', 'b.mp4']);
  const { remote } = t.app;
  const path = join(t.folder, 'a.mp4');
  await writeFile(path, Buffer.alloc(20_000, 7));
  // The same time, as a disk leaves it that damages bytes.
  const { mtimeNs } = await stat(path, { bigint: true });
  const { database } = t.app.home;
  const setTime = database.prepare('UPDATE jobs SET mtime_ns = ? WHERE path = ?');
  setTime.run(String(mtimeNs), path);
  await t.s3.damage.flipBit(t.keyOf('b.mp4'));
  let reads = 0;
  const unproven: Remote = {
    ...remote,
    async head(...asked) {
      const info = await remote.head(...asked);
      return info && { ...info, crc32: undefined };
    },
    read(...asked) {
      reads += 1;
      return remote.read(...asked);
    },
  };
  const found = { 'a.mp4': 'changed-on-disk', 'b.mp4': 'differs-in-bucket' };
  expect((await look(t.app, 'full', unproven)).byName).toEqual(found);
  reads = 0;
  const week = async () => (await look(t.app, 'list', unproven, true)).byName;
  expect(await week()).toEqual(found);
  expect(await week()).toEqual(found);
  expect(reads).toBe(0);
  expect((await look(t.app, 'list', unproven)).byName).toEqual({ ...found, 'a.mp4': 'equal' });
  expect(reads).toBeGreaterThan(0);
});
