/** @file Promise: the same bytes are sent once for each class, and never on the word of what was so once. */
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { chmod, copyFile, link, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ledgerOf } from '../../electron/engine/library/bring-back.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { look, type Sighting } from '../../electron/engine/watch/scan.ts';
import type { Destination } from '../../shared/recording.ts';
import { keysOf, objectBytes, randomFile, signal, toBio } from '../support/engine.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { rows, twoClasses } from '../support/two-classes.ts';
import { openSdk } from '../support/sdk-client.ts';

const toChem = { ...toBio, classId: 'chem-7' };
type TwoClasses = Awaited<ReturnType<typeof twoClasses>>;

async function plan({ app: { engine } }: TwoClasses, path: string, to: Destination): Promise<void> {
  const found = await look(path);
  engine.planned.accept((found as { sighting: Sighting }).sighting, to);
  await engine.queue.idle(60_000, signal());
}

/** As a person does it from the Library. */
async function deleteOnly({ app: { engine, remote } }: TwoClasses): Promise<void> {
  const [job] = engine.jobs.list('verified', 1);
  await remote.deleteObject(job!.key!, signal());
  engine.jobs.apply(job!.id, [{ type: 'deleted' }]);
}

/** As a tool does that copies a bucket and breaks off: all that is said of the object stays, its end is gone. */
async function cutShort(access: S3Access, key: string): Promise<void> {
  using client = openSdk(access);
  const at = { Bucket: access.bucket, Key: key };
  const { Metadata } = await client.send(new HeadObjectCommand(at));
  await client.send(new PutObjectCommand({ ...at, Metadata, Body: 'short' }));
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

  test.for([
    ['touched', (_: TwoClasses, path: string) => utimes(path, 1_000_000, 1_000_000), {}],
    ['renamed', ({ bio }: TwoClasses, path: string) => rename(path, join(bio, 'c.mp3')), {}],
    [
      'moved to another class’s folder',
      ({ chem }: TwoClasses, path: string) => rename(path, join(chem, 'b.mp3')),
      { movedTo: 'chem-7' },
    ],
  ] as const)(
    'are in one object still when the copy is %s, and it goes on telling which',
    async ([, change, place]) => {
      await using at = await twoClasses();
      await randomFile(join(at.bio, 'a.mp3'), 1_000);
      await at.sync();
      await copyFile(join(at.bio, 'a.mp3'), join(at.bio, 'b.mp3'));
      await at.sync();
      await change(at, join(at.bio, 'b.mp3'));
      expect(await at.sync()).toMatchObject({ failed: 0 });
      const keys = await keysOf(at.app.remote);
      expect(at.sent()).toBe(1);
      const stored = { key: keys[0], state: 'verified', to: 'bio-101' };
      expect(rows(at.app)).toMatchObject([stored, { ...stored, ...place }]);
      await at.app.remote.deleteObject(keys[0]!, signal());
      const known = at.app.engine.jobs.ofObject(keys[0]!).map(({ path }) => basename(path));
      expect(known).toEqual(['a.mp3', basename(rows(at.app)[1]!.path)]);
    },
  );

  test.for([
    { copy: 'new, and is sent', isKnown: false },
    { copy: 'renamed, and is not sent', isKnown: true },
  ])(
    'whose object a person deletes while a copy is compared with it are not told as stored: the copy is $copy',
    async ({ isKnown }) => {
      let happens: (() => Promise<unknown>) | undefined;
      const wrap = (remote: Remote): Remote => ({
        ...remote,
        async head(...asked) {
          const answer = await remote.head(...asked);
          const now = happens;
          if (answer) happens = undefined;
          if (answer) await now?.();
          return answer;
        },
      });
      await using at = await twoClasses({ wrap });
      const { engine, home, remote } = at.app;
      const [a, b, c] = ['a.mp3', 'b.mp3', 'c.mp3'].map((name) => join(at.bio, name));
      await randomFile(a!, 1_000);
      await at.sync();
      if (isKnown) await copyFile(a!, b!);
      await at.sync();
      const [key] = await keysOf(remote);
      const ledger = ledgerOf(home.database, engine.jobs, Date.now);
      happens = () => removeObject(remote, ledger, key!, Date.now(), signal());
      await (isKnown ? rename(b!, c!) : copyFile(a!, b!));
      await at.sync();
      const stored = rows(at.app).filter(({ state }) => state === 'verified');
      expect(stored).toHaveLength(isKnown ? 0 : 1);
      expect(await keysOf(remote)).toEqual(stored.map((row) => row.key));
    },
  );

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
    await deleteOnly(at);
    await chmod(path, 0o600);
    await at.sync();
    await rename(path, join(at.bio, 'b.mp3'));
    await at.sync();
    expect(await keysOf(at.app.remote)).toEqual([]);
    await writeFile(join(at.bio, 'b.mp3'), 'another recording');
    await at.sync();
    expect(await keysOf(at.app.remote)).toHaveLength(1);
  });

  test.for(['as it was', 'touched since'])(
    'that a person sends to another class, %s, go there, too, and stay where they are',
    async (how) => {
      await using at = await twoClasses();
      const path = join(at.bio, 'a.mp3');
      const bytes = await randomFile(path, 1_000);
      await at.sync();
      if (how === 'touched since') await utimes(path, 1_000_000, 1_000_000);
      const [sent] = await at.app.engine.uploadNow([path], toChem, signal());
      expect(sent).toMatchObject({ state: { kind: 'verified' }, destination: toChem });
      const keys = await keysOf(at.app.remote);
      expect(keys.map((key) => key.split('/')[1])).toEqual(['bio-101', 'chem-7']);
      for (const key of keys) expect(await objectBytes(at.app.remote, key)).toEqual(bytes);
      await at.sync();
      expect(await keysOf(at.app.remote)).toEqual(keys);
    },
  );

  test('that a plan sends to another class than before go there, too', async () => {
    await using at = await twoClasses();
    const path = join(at.bio, 'a.mp3');
    await randomFile(path, 1_000);
    await at.sync();
    await plan(at, path, toChem);
    expect(rows(at.app)).toMatchObject([{ to: 'bio-101' }, { to: 'chem-7', state: 'verified' }]);
    expect(await keysOf(at.app.remote)).toHaveLength(2);
  });

  test('that a plan sent, and whose object a person deleted, are not sent by it again, also when the file is touched or renamed', async () => {
    await using at = await twoClasses();
    const path = join(at.dir, 'a.mp3');
    await randomFile(path, 1_000);
    at.app.engine.start();
    await plan(at, path, toBio);
    await deleteOnly(at);
    await plan(at, path, toBio);
    await chmod(path, 0o600);
    await plan(at, path, toBio);
    await plan(at, path, toBio);
    const renamed = join(at.dir, 'b.mp3');
    await rename(path, renamed);
    await plan(at, renamed, toBio);
    await rename(renamed, path);
    expect(rows(at.app).map(({ state }) => state)).toEqual(['dropped', 'dropped', 'dropped']);
    expect(await keysOf(at.app.remote)).toEqual([]);
    // Bytes that nobody has deleted, though all that a look tells is as it was.
    const { mtime } = await stat(path);
    await randomFile(path, 1_000);
    await utimes(path, mtime, mtime);
    await plan(at, path, toBio);
    expect(await keysOf(at.app.remote)).toHaveLength(1);
  });

  test.for([
    [
      'sent by hand',
      (at: TwoClasses, path: string) => at.app.engine.uploadNow([path], toBio, signal()),
    ],
    [
      'sent again from the queue',
      async (at: TwoClasses) => {
        await at.sync();
        at.app.engine.decisions.sendAgain({ ids: [] });
        await at.sync();
      },
    ],
  ] as const)(
    'whose object a person deleted, of a file that was touched since, go up when they are %s',
    async ([, ask]) => {
      await using at = await twoClasses();
      const { remote } = at.app;
      const path = join(at.bio, 'a.mp3');
      const bytes = await randomFile(path, 1_000);
      await at.sync();
      await deleteOnly(at);
      await utimes(path, 1_000_000, 1_000_000);
      await ask(at, path);
      const keys = await keysOf(remote);
      expect(keys).toHaveLength(1);
      expect(await objectBytes(remote, keys[0]!)).toEqual(bytes);
    },
  );
});
