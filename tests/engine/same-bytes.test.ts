/** @file Promise: the same bytes are sent once for each class, and never on the word of what was so once. */
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { chmod, copyFile, link, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keysOf, objectBytes, randomFile, settingsFor } from '../support/engine.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { rows, signal, twoClasses } from '../support/two-classes.ts';

/** As a tool does that copies a bucket and breaks off: all that is said of the object stays, its end is gone. */
async function cutShort(access: S3Access, key: string): Promise<void> {
  const { endpoint, region, credentials } = settingsFor(access);
  const client = new S3Client({
    endpoint: endpoint!,
    region,
    credentials: credentials!,
    forcePathStyle: true,
  });
  const at = { Bucket: access.bucket, Key: key };
  const { Metadata } = await client.send(new HeadObjectCommand(at));
  await client.send(new PutObjectCommand({ ...at, Metadata, Body: 'short' }));
  client.destroy();
}

describe('the same bytes', () => {
  test('for the same class are sent once, and the copy says which object holds them', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await at.sync();
    await copyFile(join(at.bio, 'a.mp3'), join(at.bio, 'a (1).mp3'));
    await at.sync();
    expect(at.sent()).toBe(1);
    const [key] = await keysOf(at.app.remote);
    expect(at.app.engine.jobs.list('verified', -1).map(({ state }) => state)).toMatchObject([
      { proof: 'checksum' },
      { proof: 'same-bytes', sameAs: key },
    ]);
    expect(rows(at.app)).toMatchObject([{ key }, { key }]);
  });

  test('are sent once also when the copies come together, and of hard links', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp4'), 12_000_000);
    for (const n of [1, 2, 3]) await copyFile(join(at.bio, 'a.mp4'), join(at.bio, `copy ${n}.mp4`));
    await link(join(at.bio, 'a.mp4'), join(at.bio, 'linked.mp4'));
    await at.sync();
    expect(at.s3.count('UploadPart')).toBe(2);
    expect(await keysOf(at.app.remote)).toHaveLength(1);
    expect(rows(at.app).map(({ state }) => state)).toEqual(Array(5).fill('verified'));
  });

  test('for another class are another recording, which is sent too', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await at.sync();
    await copyFile(join(at.bio, 'a.mp3'), join(at.chem, 'a.mp3'));
    await at.sync();
    expect(at.sent()).toBe(2);
    expect(rows(at.app)).toMatchObject([{ to: 'bio-101' }, { to: 'chem-7', movedTo: undefined }]);
  });

  test('whose object is not in the bucket any more are sent: what was so once is no proof', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await at.sync();
    const [key] = await keysOf(at.app.remote);
    await at.app.remote.deleteObject(key!, signal());
    await copyFile(join(at.bio, 'a.mp3'), join(at.bio, 'b.mp3'));
    await at.sync();
    expect(at.sent()).toBe(2);
    const [now] = await keysOf(at.app.remote);
    expect(rows(at.app).find(({ path }) => path.endsWith('b.mp3'))).toMatchObject({ key: now });
  });

  test('whose object was replaced by a shorter one of the same name and token are sent', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await at.sync();
    const [key] = await keysOf(at.app.remote);
    await cutShort(at.s3, key!);
    await copyFile(join(at.bio, 'a.mp3'), join(at.bio, 'b.mp3'));
    await at.sync();
    const copy = rows(at.app).find(({ path }) => path.endsWith('b.mp3'));
    expect(copy).toMatchObject({ state: 'verified' });
    expect(copy!.key).not.toBe(key);
    expect(await objectBytes(at.app.remote, copy!.key!)).toHaveLength(1_000);
  });

  test('whose object a person deleted are not sent again when the file is renamed or touched', async () => {
    await using at = await twoClasses();
    const path = join(at.bio, 'a.mp3');
    await randomFile(path, 1_000);
    await at.sync();
    const [job] = at.app.engine.jobs.list('verified', 1);
    await at.app.remote.deleteObject(job!.key!, signal());
    at.app.engine.jobs.apply(job!.id, [{ type: 'deleted' }]);
    await chmod(path, 0o600);
    await at.sync();
    await rename(path, join(at.bio, 'b.mp3'));
    await at.sync();
    expect(await keysOf(at.app.remote)).toEqual([]);
    await writeFile(join(at.bio, 'b.mp3'), 'another recording');
    await at.sync();
    expect(await keysOf(at.app.remote)).toHaveLength(1);
  });
});
