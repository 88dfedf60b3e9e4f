/** @file Recordings that are stored, and audits of them. */
import { basename, join } from 'node:path';
import { runAudit } from '../../electron/engine/audit/audit-run.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { Finding } from '../../electron/engine/store/audits.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import type { AuditLevel } from '../../shared/audit.ts';
import { bioClass, countingServer, openTestEngine, randomFile, type TestEngine } from './engine.ts';
import { tempDir } from './temp-dir.ts';

type EngineOptions = Parameters<typeof openTestEngine>[2];

const soon = () => AbortSignal.timeout(60_000);

/** Audits everything; `byName`: what was found, by the name of the file or key. */
export async function look(
  app: TestEngine,
  level: AuditLevel,
  remote: Remote = app.remote,
  isByItself = false,
) {
  const { database } = app.home;
  const found: Finding[] = [];
  const result = await runAudit(
    {
      database,
      remote,
      isByItself,
      jobs: app.engine.jobs,
      folders: folderStore(database, Date.now).list(),
    },
    level,
    Date.now,
    (finding) => void found.push(finding),
    soon(),
  );
  const byName = Object.fromEntries(
    found.map(({ reason, path, key }) => [basename(path ?? key ?? ''), reason]),
  );
  return { ...result, byName };
}

/** A watched folder with these recordings, all of them stored. */
export async function withUploads(names: readonly string[], options: EngineOptions = {}) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const dir = stack.use(await tempDir());
  const folder = join(dir.path, 'Recordings');
  for (const name of names) await randomFile(join(folder, name), 20_000);
  const app = stack.use(openTestEngine(s3, dir.path, options));
  await app.engine.addFolder(folder, bioClass);
  await app.engine.syncOnce(soon());
  const keyOf = (name: string) => app.engine.jobs.ofPath(join(folder, name))[0]!.key!;
  return { s3, dir, folder, app, keyOf, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
