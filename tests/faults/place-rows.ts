/** @file Rows 11 to 56 of the fault matrix that need names, disks or rights of their own, or come over many files. */
import assert from 'node:assert/strict';
import { appendFileSync, statfsSync, writeFileSync } from 'node:fs';
import { chmod, chown, link, mkdir, rename, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { MIN_FREE_BYTES } from '../../electron/engine/queue/space.ts';
import { MAX_OBJECT_BYTES, MIB } from '../../shared/parts.ts';
import { bioClass, randomFile } from '../support/engine.ts';
import { openHungShare, whyNoHungShare } from '../support/hung-share.ts';
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts';
import type { Row } from './row.ts';
import { LARGE, SMALL, type Stage } from './stage.ts';

const NOBODY = 65_534;
const at = ({ folder }: Stage, name = 'a.mp3') => join(folder, name);
const freeOf = (path: string) => statfsSync(path).bavail * statfsSync(path).bsize;
/** How many objects there are: each of these files goes up in one request. */
const isStored =
  (objects: number) =>
  ({ storage }: Stage) =>
    assert.equal(storage.count('PutObject'), objects);

let recorder: NodeJS.Timeout | undefined;

export const placeRows: readonly Row[] = [
  {
    row: 11,
    name: 'a recorder is at work when the app starts',
    options: { quietMs: 1_500 },
    file(stage) {
      recorder = setInterval(() => appendFileSync(at(stage), 'more of the lecture, '), 100);
      stage.defer(() => clearInterval(recorder));
    },
    seen: { state: 'settling', code: 'changing', next: 'quiet', says: 'so far, watched for' },
    meanwhile: ({ proxy }) => assert.deepEqual(proxy.log, []),
    async heal(stage) {
      clearInterval(recorder);
      await stage.finished(at(stage));
    },
  },
  {
    row: 17,
    name: 'another file takes the place of the recording while it is sent: both versions go up',
    inject: (stage) =>
      stage.proxy.add({
        match: ({ url = '' }) => url.includes('partNumber=2'),
        nth: 1,
        action: {
          kind: 'call',
          bytes: 1,
          async run() {
            await randomFile(join(stage.dir, 'newer.mp3'), LARGE);
            await rename(join(stage.dir, 'newer.mp3'), at(stage));
            await stage.finished(at(stage));
          },
        },
      }),
    after: (stage) => stage.verified(2),
  },
  {
    row: 20,
    name: 'the recording may not be read by us',
    sizeBytes: SMALL,
    async strike(stage) {
      await chmod(at(stage), 0);
      if (process.geteuid?.() !== 0) return;
      // Root reads everything: as somebody else, who gets through the run's folders.
      for (const path of [dirname(stage.dir), stage.dir]) await chmod(path, 0o711);
      await chown(stage.folder, NOBODY, NOBODY);
      stage.defer(() => process.seteuid?.(0));
      process.seteuid?.(NOBODY);
    },
    seen: {
      state: 'queued',
      code: 'file-unreadable',
      next: 'soon',
      says: 'The file cannot be read. The recording stays where it is, and is tried again by itself. Check its permissions, or whether another program holds it.',
    },
    async heal(stage) {
      if (process.getuid?.() === 0) process.seteuid?.(0);
      await chmod(at(stage), 0o644);
    },
  },
  {
    row: 23,
    name: 'a recording has two names (hard links): it is sent once; a folder inside a watched one is refused',
    async file(stage) {
      await stage.write('a.mp3', SMALL);
      await link(at(stage), at(stage, 'b.mp3'));
      await stage.finished(at(stage, 'b.mp3'));
      await mkdir(at(stage, 'inside'));
    },
    async after(stage) {
      isStored(1)(stage);
      await assert.rejects(stage.app.engine.addFolder(at(stage, 'inside'), bioClass), {
        code: 'bad-folder',
        message: `${at(stage, 'inside')} is inside ${stage.folder}, which is already watched`,
      });
    },
  },
  {
    row: 24,
    name: 'names differ in case alone, or in the form of an accent: each is a recording',
    lacking: () =>
      process.platform === 'linux' ? undefined : 'file systems that tell such names apart: Linux',
    async file(stage) {
      for (const name of ['Week 1.mp3', 'week 1.mp3', 'caf\u00e9.mp3', 'cafe\u0301.mp3'])
        await stage.write(name, 1_000);
    },
    after: isStored(4),
  },
  {
    row: 26,
    name: 'a hundred files come at once',
    async file(stage) {
      for (let n = 0; n < 100; n += 1) await stage.write(`week ${n % 7}/${n}.mp3`, 500);
    },
    after: isStored(100),
  },
  {
    row: 30,
    name: 'a share does not answer: the recordings of other folders go up meanwhile',
    sizeBytes: SMALL,
    lacking: whyNoHungShare,
    async inject(stage) {
      const share = await openHungShare();
      stage.defer(() => share[Symbol.asyncDispose]());
      folderStore(stage.app.home.database, Date.now).put(share.path, bioClass);
    },
    seen: {
      state: 'not-connected',
      code: 'folder-away',
      next: 'folder',
      says: 'does not answer',
    },
    heal: () => {},
  },
  {
    row: 31,
    name: 'the home’s disk is nearly full: what is new waits until there is room',
    lacking: whyNoSmallDisk,
    options: { homeBytes: 80 * MIB },
    async file(stage) {
      const filler = join(stage.homeDisk, 'filler');
      writeFileSync(filler, Buffer.alloc(freeOf(stage.homeDisk) - MIN_FREE_BYTES / 2));
      await stage.write('a.mp3', SMALL);
    },
    seen: {
      state: 'settling',
      code: 'disk-full',
      next: 'space',
      says: 'Almost no disk space left. No recording on this computer was touched. New ones wait, and so may uploads. Free some space on the disk that holds the library. It goes on by itself.',
    },
    meanwhile: ({ jobs, proxy }) => assert.deepEqual([jobs(), proxy.log], [[], []]),
    heal: ({ homeDisk }) => truncate(join(homeDisk, 'filler'), 0),
  },
  {
    row: 56,
    name: 'a file is larger than any storage takes: it is refused before anything of it is read',
    lacking: whyNoSmallDisk,
    async file(stage) {
      // No other file system here holds such a file, be it never so empty.
      const disk = smallDisk(stage.folder, MIB);
      stage.defer(() => disk[Symbol.dispose]());
      await randomFile(at(stage), 1_000);
      await truncate(at(stage), MAX_OBJECT_BYTES + 1);
    },
    seen: {
      state: 'failed',
      code: 'too-large',
      next: 'person',
      says: 'The file is larger than the storage accepts. The recording is safe on this computer. Split it, or ask an admin about the limit.',
    },
    meanwhile: ({ proxy }) => assert.deepEqual(proxy.log, []),
    heal: 'never',
  },
];
