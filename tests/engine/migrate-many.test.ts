/** @file No step of a migration holds the files that it goes through: half a million cost no more than a thousand. */
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { runCli } from '../../electron/cli/program.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { openPlan } from '../../electron/engine/migrate/open-plan.ts';
import { writeReferences } from '../../electron/engine/migrate/references.ts';
import { writeReceipts } from '../../electron/engine/migrate/receipts.ts';
import { writeReport } from '../../electron/engine/migrate/report.ts';
import { standingOf } from '../../electron/engine/migrate/standing.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { planStore, type PlanStore } from '../../electron/engine/store/plans.ts';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { heldBytes, planMany, uploadMany } from '../support/many.ts';
import { tempDir } from '../support/temp-dir.ts';

const FILES = 4_096;
/** Whole pages of those that are worked on side by side. */
const STEP = 512;
/** A path and its verdict take a hundred and more. */
const BYTES_A_FILE = 50;

/** Looks now and then how much is held. */
function meter(): Readonly<{ see: () => void; held: () => number }> {
  const heaps: number[] = [];
  let seen = 0;
  return {
    see: () => {
      seen += 1;
      if (seen % STEP === 0) heaps.push(heldBytes());
    },
    /** More for each file: pages come and go, and something of before is let go, so looks are put in order. */
    held: () => {
      expect(seen).toBeGreaterThanOrEqual(FILES);
      // Some go through the files twice, and do other things then.
      const looks = heaps.slice(-FILES / STEP);
      const half = looks.length >> 1;
      const [early, late] = [looks.slice(0, half), looks.slice(-half)].map(median);
      return (late! - early!) / (half * STEP);
    },
  };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

async function openMany() {
  const dir = await tempDir();
  const root = join(dir.path, 'archive');
  const file = join(dir.path, 'plan.jsonl');
  await mkdir(root);
  await planMany(file, root, FILES);
  return { dir: dir.path, root, file, [Symbol.asyncDispose]: dir[Symbol.asyncDispose] };
}

/** The command line in this process; the meter sees each item of what it answers with `--json`. */
async function cliHolds(dir: string, ...argv: string[]): Promise<number> {
  const { see, held } = meter();
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      see();
      done();
    },
  });
  const env = {
    PANSEA_SYNC_HOME: join(dir, 'home'),
    AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_REGION: 'eu-1',
    AWS_S3_BUCKET: 'recordings',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const { signal } = new AbortController();
  await runCli([...argv, '--json'], { stdout, stderr: stdout, env, cwd: dir, signal });
  return held();
}

test('the plan, with the same bytes in each file', async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: FILES }, (_, i) => [`${i % 40}/${i}.mp3`, 'alike'] as const);
  await writeArchive(join(dir.path, 'archive'), Object.fromEntries(names));
  await writeMapping(join(dir.path, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const asked = ['archive', '--map', 'map.csv', '--out', 'plan.jsonl'];
  expect(await cliHolds(dir.path, 'migrate', 'plan', ...asked)).toBeLessThan(BYTES_A_FILE);
});

test('a verification in which nothing is uploaded yet', async () => {
  await using many = await openMany();
  expect(await cliHolds(many.dir, 'migrate', 'verify', many.file)).toBeLessThan(BYTES_A_FILE);
});

test('a return in which the place of each file is taken', async () => {
  await using many = await openMany();
  const home = openHome({ path: join(many.dir, 'home'), nativeBinding: undefined });
  const plans = planStore(home.database, Date.now);
  const plan = await openPlan(many.file, plans);
  const aside = join(many.root, '.pansea-quarantine', plan.id);
  for (const folder of [many.root, aside]) await mkdir(join(folder, 'term'), { recursive: true });
  for (const file of plans.files(plan.id))
    for (const folder of [many.root, aside]) writeFileSync(join(folder, file.path), 'x');
  home.database.exec(`UPDATE planned_files SET place = 'quarantined'`);
  home.close();
  expect(await cliHolds(many.dir, 'migrate', 'undo', many.file)).toBeLessThan(BYTES_A_FILE);
});

/** All of a plan is uploaded; the meter sees each of its files that is asked for. */
async function openUploaded() {
  const many = await openMany();
  const home = openHome({ path: join(many.dir, 'home'), nativeBinding: undefined });
  const plans = planStore(home.database, Date.now);
  const plan = await openPlan(many.file, plans);
  uploadMany(home.database, many.root, FILES, createHash('sha256').update('x').digest('hex'));
  const jobs = jobStore(home.database, Date.now);
  const remote = {
    head: async () => undefined,
    list: async () => ({ objects: [], next: undefined }),
  } as unknown as Remote;
  const context = { jobs, plans, remote, nowMs: Date.now, random: Math.random };
  const checked = Array.from(
    plans.files(plan.id),
    (file) => ({ file, verdict: 'verified', level: 'full' }) as const,
  );
  plans.setVerdicts(plan, checked, 0);
  return {
    ...many,
    plan,
    context,
    /** What a step holds that goes through the files, or through the receipts. */
    async holds(act: (watched: typeof context) => Promise<unknown>): Promise<number> {
      const { see, held } = meter();
      function* seen<T>(rows: Iterable<T>): Generator<T> {
        for (const row of rows) {
          see();
          yield row;
        }
      }
      const watched: PlanStore = {
        ...plans,
        files: (id) => seen(plans.files(id)),
        receipts: (id) => seen(plans.receipts(id)),
      };
      await act({ ...context, plans: watched });
      return held();
    },
    async [Symbol.asyncDispose]() {
      home.close();
      await many[Symbol.asyncDispose]();
    },
  };
}
type Uploaded = Awaited<ReturnType<typeof openUploaded>>;
type Context = Uploaded['context'];

const { signal } = new AbortController();
const nobody = () => {};
const columns = { table: 'media', pathColumn: 'path', keyColumn: 's3_key' };
const steps: Record<string, (context: Context, many: Uploaded) => Promise<unknown>> = {
  'how far it is': (context, { plan }) => standingOf(context, plan),
  'the receipts': (context, { plan, dir }) =>
    writeReceipts(context.plans, plan, dir, join(dir, 'receipts.jsonl')),
  ...Object.fromEntries(
    (['html', 'csv', 'json'] as const).map((format) => [
      `the report, ${format}`,
      (context: Context, { plan, dir }: Uploaded) =>
        writeReport(context, plan, format, join(dir, `report.${format}`)),
    ]),
  ),
  ...Object.fromEntries(
    (['sql', 'json'] as const).map((format) => [
      `the references, ${format}`,
      (context: Context, { plan, dir }: Uploaded) =>
        writeReferences(context, plan, {
          ...columns,
          format,
          dialect: 'sqlite',
          prefix: undefined,
          update: join(dir, `update.${format}`),
          rollback: join(dir, `rollback.${format}`),
        }),
    ]),
  ),
  'a verification in which all is missing': (context, { plan }) =>
    verifyPlan(context, plan, { level: 'full', share: 1 }, nobody, signal),
};

let uploaded: Uploaded;
beforeAll(async () => {
  uploaded = await openUploaded();
  return () => uploaded[Symbol.asyncDispose]();
});

test.each(Object.entries(steps))('%s', async (_name, act) => {
  expect(await uploaded.holds((context) => act(context, uploaded))).toBeLessThan(BYTES_A_FILE);
});
