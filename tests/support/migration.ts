/** @file An archive beside the window's host, and how a test waits for a step of its migration. */
import { join, dirname } from 'node:path';
import { vi } from 'vitest';
import type { HostOptions } from '../../electron/engine/window/host.ts';
import { type Api } from '../../shared/api.ts';
import { stepsOf } from '../../shared/migration/migration-steps.ts';
import type { MigrationView } from '../../shared/api/migration-view.ts';
import { apiOf, openTestAppHost, type TestAppHost } from './app-host.ts';
import { writeArchive, writeMapping } from './archive.ts';

export type TestArchive = Readonly<{
  root: string;
  mapping: string;
  /** A place for a back-up, outside the archive; nothing is there yet. */
  aside: string;
  /** Plans it, and answers the plan's id. */
  plan: () => Promise<string>;
  /** The migration once nothing is being done any more. */
  settled: () => Promise<MigrationView>;
}>;

export const testArchive = (
  { folder }: TestAppHost,
  api: Api,
  files: Record<string, string>,
): Promise<TestArchive> => openArchiveIn(dirname(folder), api, files);

/** What a plan is asked for that takes a mapping alone. */
export const plainPlan = { timetable: null, userId: 'teacher-7', mbit: null } as const;

/** Writes files of long ago by their paths, with a mapping of the whole archive to one class. */
export async function openArchiveIn(
  dir: string,
  api: Api,
  files: Record<string, string>,
): Promise<TestArchive> {
  const [root, mapping] = [join(dir, 'archive'), join(dir, 'map.csv')];
  await writeArchive(root, files);
  await writeMapping(mapping, [['.', 'bio-101', 'teacher-7']]);
  const settled = () =>
    vi.waitFor(
      async () => {
        const view = await api.getMigration({});
        if (view.working !== null) throw new Error(`${view.working.work} goes on`);
        return view;
      },
      { timeout: 30_000, interval: 50 },
    );
  return {
    root,
    mapping,
    aside: join(dir, 'aside'),
    settled,
    async plan() {
      await api.planMigration({ ...plainPlan, root, mapping });
      return (await settled()).plan!.id;
    },
  };
}

/** The windows' host with an archive beside it. */
export async function openWindowArchive(
  texts: Record<string, string>,
  host: Partial<HostOptions> = {},
) {
  const stack = new AsyncDisposableStack();
  const app = stack.use(await openTestAppHost(host));
  const api = apiOf(app);
  const archive = await testArchive(app, api, texts);
  return { app, api, archive, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Of the five steps. */
export const stepStates = ({ plan }: MigrationView) =>
  Object.values(stepsOf(plan)).map(({ state }) => state);

/** Up to the step before the disk is freed. */
export async function verified(api: Api, { plan: make, settled }: TestArchive): Promise<string> {
  const plan = await make();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  await api.runMigration({ plan });
  await settled();
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  await settled();
  return plan;
}
