/** @file The migration that windows go through, step by step. What is known of it is in the ledger; nothing is believed of a page. */
import type { Database } from 'better-sqlite3';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { ApiEvent, ApiInput } from '#shared/api.ts';
import type { Tariff } from '#shared/cost/prices.ts';
import { AppError } from '#shared/errors.ts';
import { stepsOf, type MigrationStep } from '#shared/migration/migration-steps.ts';
import type { MigrationView, PlanView } from '#shared/api/migration-view.ts';
import type { Engine } from '../engine.ts';
import type { Log } from '../log.ts';
import type { Remote } from '../s3/remote.ts';
import { mustBeFree } from '../school/school.ts';
import type { JobStore } from '../store/jobs.ts';
import type { OpenOptions } from '../store/open.ts';
import { planStore, type OpenedPlan } from '../store/plans.ts';
import { settingStore } from '../store/settings.ts';
import { compareBackup, noteBackup } from './backup.ts';
import { purge, quarantine, surveyPlan, undo, type Cleaned } from './cleanup.ts';
import { writeHashList, type HashListOptions } from './hash-list.ts';
import { lookForDrift } from './drift.ts';
import { createKnownPlans } from './known-plans.ts';
import { createNamedLists, type Which } from './named-lists.ts';
import { openPlan } from './open-plan.ts';
import { planMigration } from './plan.ts';
import { runPatiently } from './patience.ts';
import { verifyPlan } from './verify.ts';
import { createWorks, type Progress } from './works.ts';

type Options = Readonly<{
  database: Database;
  homePath: string;
  jobs: JobStore;
  /** Both are missing while the connection is not set up. */
  engine: Engine | undefined;
  remote: Remote | undefined;
  /** What the storage is paid by; missing with it. */
  tariff: (() => Tariff) | undefined;
  version: string;
  quietMs: number;
  nowMs: () => number;
  monotonicMs: () => number;
  emit: (event: ApiEvent) => void;
  log: Log;
}> &
  OpenOptions;

/** The setting that holds which plan is being uploaded. */
const RUNNING = 'migration_running';

export type Migrations = ReturnType<typeof createMigrations>;

export function createMigrations(options: Options) {
  const { database, homePath, jobs, engine, remote, nowMs, monotonicMs, emit, log } = options;
  const plans = planStore(database, nowMs);
  const settings = settingStore(database);
  const known = createKnownPlans({ jobs, plans, nowMs });
  const mustPlan = (id: string) => known.must(id);
  const lists = createNamedLists({ ...options, plans });
  const works = createWorks({
    monotonicMs,
    log,
    left: lists,
    tell(working) {
      if (working === null) changed();
      emit({ type: 'migration', working });
    },
  });
  function changed(): void {
    known.changed();
    lists.changed();
  }
  let root = plans.last()?.root;
  engine?.events.on((event) => {
    const isOurs = event.type === 'job' && root !== undefined && event.job.path.startsWith(root);
    // While one goes on its own progress is shown.
    if (isOurs && event.job.state.kind !== 'uploading' && !works.working()) changed();
  });

  /** @throws AppError `usage` with what is missing. */
  async function mustBeOpen(step: MigrationStep, id: string): Promise<PlanView> {
    works.assertIdle();
    mustPlan(id);
    const view = (await known.view())!;
    const { state, why } = stepsOf(view)[step];
    if (state === 'locked' || why !== null) throw new AppError('usage', why!);
    return view;
  }

  function verifying() {
    if (!remote) throw new AppError('settings-missing', 'The connection is not set up yet');
    return { jobs, plans, remote, nowMs, random: Math.random };
  }
  /** @throws AppError as `mustBeFree`: at once, not when it has been begun. */
  function cleaning() {
    const context = verifying();
    mustBeFree(context.remote.limits, 'free');
    return context;
  }

  function upload(to: Engine, plan: OpenedPlan): void {
    const { files, bytes } = plan;
    works.begin('run', { files, bytes }, async (signal, progress) => {
      settings.set(RUNNING, plan.id);
      try {
        await runPatiently(to, plans, plan, progress, signal);
      } finally {
        if (!works.isClosed()) settings.setAll({ [RUNNING]: undefined });
      }
    });
  }

  return {
    plans,
    jobs,
    homePath,
    mustPlan,
    stopStep: () => works.cancel(),
    look: works.look,
    async stop(): Promise<void> {
      await works.stop();
      lists.close();
    },
    async view(): Promise<Omit<MigrationView, 'userId'>> {
      return { working: works.working(), ended: works.ended(), plan: await known.view() };
    },

    /** @throws AppError `usage` when nothing says where files go. */
    plan(asked: ApiInput<'planMigration'>): void {
      const { root: archive, mapping, timetable, userId, mbit } = asked;
      if (mapping === null && timetable === null)
        throw new AppError('usage', 'Say where files go, by a mapping or a timetable');
      works.begin('plan', null, async (signal, progress) => {
        const folder = join(homePath, 'plans');
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const time = new Date(nowMs()).toISOString().slice(0, -1).replaceAll(/[:.]/g, '-');
        const out = join(folder, `${basename(archive) || 'archive'} ${time}.jsonl`);
        await planMigration(
          {
            ...options,
            root: archive,
            mapping: mapping ?? undefined,
            timetable: timetable ?? undefined,
            out,
            userId,
            mbit: mbit === null ? undefined : { least: mbit, most: mbit },
          },
          ({ phase, done, total }) => progress.reach(phase, done, total),
          async () => {},
          signal,
        );
        ({ root } = await openPlan(out, plans));
      });
    },
    open(file: string): void {
      works.begin('open', null, async () => {
        ({ root } = await openPlan(file, plans));
      });
    },
    async noteBackup({ plan, by }: ApiInput<'noteBackup'>): Promise<void> {
      works.assertIdle();
      noteBackup({ plans, nowMs }, mustPlan(plan), by);
      emit({ type: 'status' });
    },
    async compareBackup({ plan: id, path, sample }: ApiInput<'compareBackup'>): Promise<void> {
      const plan = await mustBeOpen('backup', id);
      const total = { files: Math.min(sample, plan.files), bytes: 0 };
      works.begin('backup', total, (signal, { add, leave }) =>
        compareBackup(
          { plans, nowMs, random: Math.random },
          mustPlan(id),
          path,
          sample,
          (file, isSame) => (isSame ? add(file) : leave(file.path, 'not-the-same')),
          signal,
        ),
      );
    },
    async lookForDrift({ plan: id }: ApiInput<'lookForDrift'>): Promise<void> {
      const { files, bytes } = await mustBeOpen('upload', id);
      works.begin('look', { files, bytes }, (signal, { add, leave }) =>
        lookForDrift(
          { jobs, plans },
          mustPlan(id),
          add,
          ({ path, why }) => leave(path, why),
          signal,
        ),
      );
    },
    async run({ plan: id }: ApiInput<'runMigration'>): Promise<void> {
      if (!engine) throw new AppError('settings-missing', 'The connection is not set up yet');
      await mustBeOpen('upload', id);
      upload(engine, mustPlan(id));
    },
    /** Goes on with what was under way when the library was closed. */
    resume(): void {
      const running = settings.getIfReadable(RUNNING, z.string());
      // It is the one that is shown again, too: the command line may have opened another since.
      if (!engine || running === undefined || !plans.openAgain(running)) return;
      root = plans.last()?.root;
      upload(engine, mustPlan(running));
    },
    async verify({ plan: id, level, share }: ApiInput<'verifyMigration'>): Promise<void> {
      const context = verifying();
      const { files, bytes } = await mustBeOpen('verify', id);
      works.begin('verify', { files, bytes }, (signal, { add }) =>
        verifyPlan(
          context,
          mustPlan(id),
          { level, share: share / 100 },
          ({ file }) => add(file),
          signal,
        ),
      );
    },
    async survey({ plan: id, level, days }: ApiInput<'surveyCleanup'>) {
      const context = cleaning();
      await mustBeOpen('free', id);
      const survey = await works.look(() => surveyPlan(context, mustPlan(id), level, days));
      changed();
      return survey;
    },
    async quarantine(asked: ApiInput<'quarantineFiles'>): Promise<void> {
      const { plan: id, confirmed, level } = asked;
      const context = cleaning();
      const { here } = (await mustBeOpen('free', id)).standing;
      works.begin('cleanup', here, (signal, progress) =>
        quarantine(context, mustPlan(id), level, confirmed, each(progress), signal),
      );
    },
    async purge({ plan: id, confirmed, days }: ApiInput<'purgeFiles'>): Promise<void> {
      const context = cleaning();
      await mustBeOpen('free', id);
      works.begin('purge', { files: confirmed, bytes: 0 }, (signal, progress) =>
        purge(context, mustPlan(id), days, confirmed, each(progress), signal),
      );
    },
    async undo({ plan: id, paths }: ApiInput<'putFilesBack'>): Promise<void> {
      works.assertIdle();
      const plan = mustPlan(id);
      const { quarantined } = await known.standing(plan);
      const some = paths === null ? undefined : new Set(paths);
      const total = some === undefined ? quarantined : { files: some.size, bytes: 0 };
      works.begin('undo', total, (signal, progress) =>
        undo({ jobs, plans, nowMs }, plan, some, each(progress), signal),
      );
    },
    known: ({ offset, limit }: ApiInput<'listPlans'>) =>
      known.page(settings.getIfReadable(RUNNING, z.string()), offset, limit),
    standingOf: (id: string) => known.standingOf(id),
    /** @throws AppError `usage` */
    show(id: string): void {
      works.assertIdle();
      known.show(id);
      root = plans.last()?.root;
      changed();
    },
    listed: ({ plan: id, words, offset, limit, ...which }: ApiInput<'listNamed'>) =>
      lists.page(mustPlan(id), which, words, offset, limit),
    saveListed: (id: string, which: Which, path: string) => lists.save(mustPlan(id), which, path),
    hashList(id: string, asked: Pick<HashListOptions, 'format' | 'hash' | 'out'>): void {
      const plan = mustPlan(id);
      works.begin('hashes', { files: plan.files, bytes: 0 }, async (signal, progress) => {
        const listed = await writeHashList(
          { jobs, plans, nowMs },
          plan,
          { ...options, ...asked },
          (files) => progress.reach(null, { files, bytes: 0 }),
          async (path, why) => progress.leave(path, why),
          signal,
        );
        progress.reach(null, listed);
        progress.save(asked.out);
      });
    },
  };
}

const each =
  ({ add, leave }: Progress) =>
  ({ file, kept }: Cleaned): void =>
    kept === undefined ? add(file) : leave(file.path, kept);
