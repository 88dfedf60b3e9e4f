/** @file Rows 10 to 28 of the fault matrix: what can be the matter with a recording and its folder; rows 44 and 45. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdir,
  open,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { noIndex } from '../support/recordings.ts';
import { tempDir } from '../support/temp-dir.ts';
import { certificate, openProxy, STORAGE_NAME, tlsFront } from '../support/tls-front.ts';
import type { Row } from './row.ts';
import { LARGE, SMALL, type Seen, type Stage } from './stage.ts';

const at = ({ folder }: Stage, name = 'a.mp3') => join(folder, name);
/** Where what is taken out of the folder is kept meanwhile. */
const aside = (stage: Stage) => `${stage.folder}, aside`;

const held = (code: Seen['code'], says: string): Seen => ({
  state: 'held',
  code,
  next: 'person',
  says,
});
const changed: Seen = {
  state: 'queued',
  code: 'file-changed',
  next: 'soon',
  says: 'The file changed while it was being uploaded. The recording is safe on this computer. Nothing to do: the newer version goes up when it is stable.',
};
const away: Seen = {
  state: 'queued',
  code: 'folder-away',
  next: 'folder',
  says: 'The folder or disk of this file is not connected. Its recordings are where it is, and none counts as deleted meanwhile. Connect its disk or share again. It goes on by itself.',
};
const notAFile: Seen = {
  state: 'failed',
  code: 'not-a-file',
  next: 'person',
  says: 'This is not a regular file. Nothing was uploaded. Choose the recording itself, not a folder, link or device.',
};

const uploadAnyway = async (stage: Stage) =>
  assert.equal(stage.app.engine.decisions.uploadAnyway({ ids: [] }), 1);

/** Another thing is in the recording's place, until a person puts it back and tries again. */
const inItsPlace = (
  make: (path: string, stage: Stage) => unknown,
): Pick<Row, 'strike' | 'heal'> => ({
  async strike(stage) {
    await rename(at(stage), aside(stage));
    await make(at(stage), stage);
  },
  async heal(stage) {
    await rm(at(stage));
    await rename(aside(stage), at(stage));
    assert.equal(stage.app.engine.decisions.retry({ ids: [] }), 1);
  },
});

/** A writer that does something to the file when its second part is on its way. */
const meanwhile = (write: (stage: Stage) => Promise<unknown>): Pick<Row, 'options' | 'inject'> => ({
  // Long enough to see that it waits for its newer version.
  options: { quietMs: 1_500 },
  inject: (stage) =>
    stage.proxy.add({
      match: ({ url = '' }) => url.includes('partNumber=2'),
      nth: 1,
      action: { kind: 'call', bytes: 1, run: async () => void (await write(stage)) },
    }),
});

let recorder: FileHandle | undefined;

export const fileRows: readonly Row[] = [
  {
    row: 10,
    name: 'a recorder has paused, and still has its file open',
    async file(stage) {
      recorder = await open(at(stage), 'w');
      await recorder.write('the first half');
    },
    seen: { state: 'settling', code: 'open', next: 'quiet', says: 'open in its recorder' },
    meanwhile: ({ proxy }) => assert.deepEqual(proxy.log, []),
    async heal(stage) {
      await recorder!.write(' and the second');
      await recorder!.close();
      await stage.finished(at(stage));
    },
  },
  {
    row: 12,
    name: 'a copy has a temporary name until it is whole',
    file: (stage) => writeFile(at(stage, 'a.mp3.part'), 'a recording'),
    seen: { state: 'skipped', code: 'left-out', next: 'name', says: 'a temporary name' },
    meanwhile: ({ proxy }) => assert.deepEqual(proxy.log, []),
    async heal(stage) {
      await rename(at(stage, 'a.mp3.part'), at(stage));
      await stage.finished(at(stage));
    },
  },
  {
    row: 13,
    name: 'a recorder crashed and left no index: held, and sent as it is when a person says so',
    async file(stage) {
      await writeFile(at(stage, 'a.mp4'), noIndex);
      await stage.finished(at(stage, 'a.mp4'));
    },
    seen: held(
      'unfinished',
      'This recording looks unfinished. It is safe on this computer, and nothing of it was uploaded.',
    ),
    heal: uploadAnyway,
  },
  {
    row: 14,
    name: 'Zoom has not converted a meeting',
    file: (stage) => writeFile(at(stage, 'double_click_to_convert_01.zoom'), 'a meeting'),
    seen: held(
      'unconverted',
      'Zoom has not converted this meeting yet. The meeting is safe on this computer. Double-click the file, so that Zoom makes a video of it. The video goes up by itself.',
    ),
    heal: (stage) => stage.write('video.mp4', SMALL),
  },
  {
    row: 15,
    name: 'the file is overwritten in place while it is sent',
    ...meanwhile((stage) => stage.write('a.mp3', LARGE)),
    seen: changed,
    heal: () => {},
  },
  {
    row: 16,
    name: 'the file is overwritten while it is sent, with size and time put back',
    ...meanwhile(async (stage) => {
      const { atime, mtime } = await stat(at(stage));
      await stage.write('a.mp3', LARGE);
      await utimes(at(stage), atime, mtime);
    }),
    seen: changed,
    heal: () => {},
  },
  {
    row: 18,
    name: 'the file is deleted before it is sent, and put back',
    sizeBytes: SMALL,
    strike: (stage) => rename(at(stage), aside(stage)),
    seen: {
      state: 'failed',
      code: 'file-gone',
      next: 'person',
      says: 'The file was moved or deleted before it was uploaded. We cannot tell whether it is safe: it is not there any more. Put it back, or look in the trash. It is picked up by itself.',
    },
    heal: (stage) => rename(aside(stage), at(stage)),
  },
  {
    row: 19,
    name: 'the file is empty',
    async file(stage) {
      await writeFile(at(stage), '');
      await stage.finished(at(stage));
    },
    seen: held(
      'empty',
      'The file is empty (0 bytes). There is nothing in it. It stays where it is. Check the recorder, and whether its disk is full. You can upload it all the same.',
    ),
    heal: uploadAnyway,
  },
  {
    row: 21,
    name: 'a link to another file is in the place of the recording',
    sizeBytes: SMALL,
    ...inItsPlace((path, stage) => symlink(aside(stage), path)),
    seen: notAFile,
  },
  {
    row: 22,
    name: 'a pipe is in the place of the recording: nobody waits for its other end',
    sizeBytes: SMALL,
    ...inItsPlace((path) => execFileSync('mkfifo', [path])),
    seen: notAFile,
  },
  {
    row: 25,
    name: 'a name is no text',
    file: (stage) => writeFile(Buffer.from(`${at(stage, 'a')}\xff.mp3`, 'latin1'), 'a recording'),
    seen: {
      state: 'skipped',
      code: 'file-unreadable',
      next: 'name',
      says: 'a name that cannot be read on this computer',
    },
    async heal(stage) {
      await rename(Buffer.from(`${at(stage, 'a')}\xff.mp3`, 'latin1'), at(stage));
      await stage.finished(at(stage));
    },
  },
  {
    row: 27,
    name: 'the drive is pulled out while a recording waits',
    strike: (stage) => rename(stage.folder, aside(stage)),
    seen: away,
    meanwhile: ({ jobs }) => assert.partialDeepStrictEqual(jobs()[0]?.state, { attempts: 0 }),
    heal: (stage) => rename(aside(stage), stage.folder),
  },
  {
    row: 28,
    name: 'the drive is pulled out, and its empty mount point stays behind',
    async strike(stage) {
      await rename(stage.folder, aside(stage));
      await mkdir(stage.folder);
    },
    seen: away,
    async heal(stage) {
      await rmdir(stage.folder);
      await rename(aside(stage), stage.folder);
    },
  },
  {
    row: 44,
    name: 'a school’s filter looks into connections',
    sizeBytes: SMALL,
    options: {
      async settings(port, stack) {
        const dir = stack.use(await tempDir());
        const keys = await certificate(dir.path, 'A School Filter');
        const front = stack.use(await tlsFront(keys, port));
        return { endpoint: `https://127.0.0.1:${front.port}` };
      },
    },
    seen: {
      state: 'queued',
      code: 'untrusted-connection',
      next: 'minute',
      says: 'The connection to the storage is not private. Your recordings are safe on this computer. Nothing was sent. Ask your IT team about the certificate of the storage.',
    },
    meanwhile: ({ proxy }) => assert.deepEqual(proxy.log, []),
    heal: 'never',
  },
  {
    row: 45,
    name: 'the proxy of the network wants a password',
    sizeBytes: SMALL,
    options: {
      async settings(port, stack) {
        const proxy = stack.use(await openProxy(port, 'name:password'));
        const proxyEnv = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
        return { endpoint: `https://${STORAGE_NAME}`, proxyEnv };
      },
    },
    seen: {
      state: 'queued',
      code: 'proxy-refused',
      next: 'probe',
      says: 'The proxy of this network did not let the connection through. Your recordings are safe on this computer. The proxy may ask for a name and password: ask your IT team for its full address. Uploads go on by themselves.',
    },
    heal: 'never',
  },
];
