/** @file Storages that number no answers, such as Garage and R2: a HEAD without a body has no sign of theirs. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../electron/engine/doctor/doctor-run.ts';
import { unremembered } from '../../electron/engine/s3/known.ts';
import { MIB } from '../../shared/parts.ts';
import {
  countingServer,
  openRemote,
  openTestEngine,
  randomFile,
  settingsFor,
  toBio,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { codeOf, put, signal, ways } from './port.ts';

describe.each(ways)('the %s way to a storage that numbers no answers', (way) => {
  test('uploads, verifies and deletes as everywhere', async () => {
    await using s3 = await countingServer({ requestIds: 'none' });
    await using dir = await tempDir();
    await using app = openTestEngine(s3, dir.path, { settings: { way }, quietMs: 30 });
    const paths = [join(dir.path, 'small.mp3'), join(dir.path, 'large.mp3')];
    await randomFile(paths[0]!, 1_000);
    await randomFile(paths[1]!, 9 * MIB);
    const jobs = await app.engine.uploadNow(paths, toBio, signal());
    for (const job of jobs) {
      expect(job).toMatchObject({ state: { kind: 'verified', proof: 'checksum' } });
      const { key } = job as { key: string };
      await app.remote.deleteObject(key, signal());
      expect(await app.remote.head(key, signal())).toBeUndefined();
    }
  });

  test('tells "not there" from "not allowed", and from a bucket that is missing', async () => {
    await using s3 = await countingServer({ requestIds: 'none' });
    using remote = openRemote(s3, { way });
    expect(await remote.head('nobody', signal())).toBeUndefined();
    using elsewhere = openRemote({ ...s3, bucket: 'pansea-nobody-has-this' }, { way });
    expect(await codeOf(elsewhere.head('k', signal()))).toBe('no-bucket');
    await put(remote, 'k', Buffer.from('sound'));
    s3.switches.denied = ['HeadObject', 'GetObject'];
    expect(await codeOf(remote.head('k', signal()))).toBe('read-denied');
  });
});

test('the connection test finds such a storage ready', async () => {
  await using s3 = await countingServer({ requestIds: 'none' });
  const asked = { userId: 'teacher-7', signal: signal() };
  const { report } = await diagnose(settingsFor(s3), unremembered(), asked);
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(report.permissions).toMatchObject({
    's3:PutObject': 'allowed',
    's3:GetObject': 'allowed',
    's3:DeleteObject': 'allowed',
  });
});
