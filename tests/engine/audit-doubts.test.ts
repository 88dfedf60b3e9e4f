/** @file What an audit held against a stored recording, and what clears it. */
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
