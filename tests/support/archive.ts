/** @file A small archive of years on a disk, and a mapping for it. */
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { csvLine } from '../../shared/csv.ts';
import { openPlan } from '../../electron/engine/migrate/open-plan.ts';
import { planMigration } from '../../electron/engine/migrate/plan.ts';
import { jobOf, runPlan } from '../../electron/engine/migrate/run.ts';
import { planStore } from '../../electron/engine/store/plans.ts';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import { countingServer, openTestEngine } from './engine.ts';
import { tempDir } from './temp-dir.ts';

/** Finished long ago. */
export const LAST_TERM = new Date('2024-05-06T07:08:09.500Z');

/** Writes a finished file of long ago. */
export async function writeOld(file: string, bytes: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  await utimes(file, LAST_TERM, LAST_TERM);
}

/** Writes files by their paths below `root`; each holds its text. */
export async function writeArchive(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await writeOld(join(root, path), text);
}

/** @param rows Path, class, user, kind. */
export async function writeMapping(file: string, rows: readonly string[][]): Promise<void> {
  const lines = rows.map(([path = '', classId = '', userId = '', kind = '']) =>
    csvLine([path, classId, userId, kind]),
  );
  await writeFile(file, ['path,class_id,user_id,kind\n', ...lines].join(''));
}

/** The lines of a plan, parsed. */
export async function planLines(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export type Archive = Awaited<ReturnType<typeof openArchive>>;

type Options = NonNullable<Parameters<typeof openTestEngine>[2]>;

/**
 * An archive of one class, planned, and a storage for it.
 *
 * @param options.arrange What else is done in its folder before the plan.
 */
export async function openArchive(
  files: Record<string, string>,
  switches: Switches = {},
  { arrange, ...options }: Options & { arrange?: (root: string) => Promise<void> } = {},
) {
  const s3 = await countingServer(switches);
  const dir = await tempDir();
  const root = join(dir.path, 'archive');
  const file = join(dir.path, 'plan.jsonl');
  await writeArchive(root, files);
  await arrange?.(root);
  await writeMapping(join(dir.path, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const signal = AbortSignal.timeout(50_000);
  await planMigration(
    {
      root,
      mapping: join(dir.path, 'map.csv'),
      out: file,
      userId: 'teacher-7',
      quietMs: 0,
      nowMs: Date.now,
    },
    () => {},
    async () => {},
    signal,
  );
  const app = openTestEngine(s3, dir.path, options);
  const plans = planStore(app.home.database, Date.now);
  const plan = await openPlan(file, plans);
  const { jobs } = app.engine;
  let nowMs = Date.now();
  return {
    s3,
    dir: dir.path,
    root,
    file,
    app,
    plans,
    plan,
    signal,
    run: () => runPlan({ engine: app.engine, plans }, plan, () => {}, signal),
    /** What verification and clean-up work with. */
    context: { jobs, plans, remote: app.remote, random: Math.random, nowMs: () => nowMs },
    pass: (ms: number) => void (nowMs += ms),
    keyOf(path: string): string {
      const planned = [...plans.files(plan.id)].find((one) => one.path === path)!;
      return jobOf(jobs, plan, planned)!.key!;
    },
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
