/** @file Two watched folders of two classes, and a server that counts what is sent. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { bioClass, countingServer, openTestEngine, signal, type TestEngine } from './engine.ts';
import { tempDir } from './temp-dir.ts';

const quick = { quietMs: 50, rescanMs: 60_000, random: () => 0 };
const chemClass = { ...bioClass, classId: 'chem-7' };

/** The jobs in the order of their paths, in short. */
export const rows = (app: TestEngine) =>
  app.engine.jobs
    .list(undefined, -1)
    .map(({ path, key, state, destination, movedTo }) => ({
      path,
      key,
      state: state.kind,
      to: destination?.kind === 'audio' ? destination.classId : undefined,
      movedTo: movedTo?.kind === 'audio' ? movedTo.classId : undefined,
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));

export async function twoClasses(options: { wrap?: (remote: Remote) => Remote } = {}) {
  const s3 = await countingServer();
  const dir = await tempDir();
  const [bio, chem] = [join(dir.path, 'bio'), join(dir.path, 'chem')];
  await mkdir(bio);
  await mkdir(chem);
  const app = openTestEngine(s3, join(dir.path, 'app'), { ...quick, ...options });
  await app.engine.addFolder(bio, bioClass);
  await app.engine.addFolder(chem, chemClass);
  const sent = () => s3.count('PutObject') + s3.count('UploadPart');
  return {
    s3,
    app,
    bio,
    chem,
    dir: dir.path,
    sent,
    sync: () => app.engine.syncOnce(signal()),
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
