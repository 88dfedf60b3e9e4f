import type { Database } from 'better-sqlite3';
import type { ApiEvent, JobView } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { correctionText } from '#shared/corrections.ts';
import type { Pace } from '#shared/pace.ts';
import type { Standstill } from '#shared/pause.ts';
import { createAudits, type Audits } from './audits.ts';
import { createDecisions, type Decisions } from '../queue/decisions.ts';
import { createDeletions, type Deletions } from '../library/deletions.ts';
import { tariffOf } from '../library/prices.ts';
import { createRestores, type Restores } from '../library/restores.ts';
import { restoreStore, type RestoreStore } from '../store/restores.ts';
import { openEngine, type Engine } from '../engine.ts';
import { createFindJobs } from '../queue/find-jobs.ts';
import { createIntake } from '../queue/intake.ts';
import { knownStorage, type KnownStorage } from '../doctor/known.ts';
import { createMigrations, type Migrations } from '../migrate/migrations.ts';
import { createPaceMeter } from './pace-meter.ts';
import { createPause, type Pause } from '../queue/pause.ts';
import { createPreviews, type Previews } from '../library/previews.ts';
import { createRules } from '../queue/rules.ts';
import { clock } from '../defaults.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import type { Rate } from '../s3/upload-limit.ts';
import { openStorage } from '../s3/open.ts';
import {
  folderStore,
  type Folder,
  type FolderIdentity,
  type FolderRule,
  type FolderStore,
} from '../store/folders.ts';
import { historyStore, type HistoryStore } from '../store/history.ts';
import { jobStore, type Job, type JobStore } from '../store/jobs.ts';
import { linkStore, type Link, type LinkStore } from '../store/links.ts';
import { objectIndex, type ObjectIndex } from '../store/objects.ts';
import type { OpenOptions } from '../store/open.ts';
import { jobView } from './views.ts';
import { createPresence, type AskPresence } from '../watch/presence.ts';
import { traced } from '../doctor/traced.ts';
import { assertWatchable } from '../watch/watchable.ts';
import type { Demo } from '../desktop.ts';
import type { Home } from '../home/home.ts';
import type { Log } from '../log.ts';
import type { Remote } from '../s3/remote.ts';

/** All that is open while the library is. Engine and storage are missing until the connection is set up. */
export type Session = Readonly<{
  database: Database;
  jobs: JobStore;
  folders: FolderStore;
  links: LinkStore;
  /** Of which whoever made them is reminded now. */
  linksEnding: () => Link[];
  objects: ObjectIndex;
  history: HistoryStore;
  engine: Engine | undefined;
  pause: Pause | undefined;
  decisions: Decisions;
  findJobs: ReturnType<typeof createFindJobs>;
  viewOf: (job: Job) => JobView;
  audits: Audits;
  deletions: Deletions;
  /** Archived objects that somebody here waits for; who looks for them. */
  restores: RestoreStore;
  watchedRestores: Restores;
  migrations: Migrations;
  previews: Previews;
  /** How fast uploads are; `undefined` while it is not known. */
  pace: () => Pace | undefined;
  remote: Remote | undefined;
  /** Its address; `undefined` for Amazon S3. */
  endpoint: string | undefined;
  /** What is remembered of it. */
  known: KnownStorage | undefined;
  demo: Demo | undefined;
  presence: AskPresence;
  /** @param known Of a folder that is followed already and stays the one that is meant. */
  saveFolder: (path: string, rule: FolderRule, known?: FolderIdentity) => Promise<Folder>;
}>;

/** What works with the storage beside the window, such as the REST routes. */
export type SessionStorage = Pick<Session, 'database' | 'deletions'> &
  Readonly<{ remote: Remote; queue: Engine['queue'] | undefined }>;

/** @throws AppError while the connection is not set up. */
export function storageOf({ remote, database, deletions, engine }: Session): SessionStorage {
  if (!remote) throw new AppError('settings-missing', 'The connection is not set up yet');
  return { remote, database, deletions, queue: engine?.queue };
}

type SessionOptions = Readonly<{
  version: string;
  quietMs: number;
  graceMs?: number | undefined;
  rescanMs: number;
  hook?: string | undefined;
  bytesPerSecond: Rate;
  /** Why nothing is sent now, beside a person's pause. */
  notNow: () => readonly Standstill[];
  log: Log;
  emit: (event: ApiEvent) => void;
  /** Something other than one job's progress changed. */
  statusChanged: () => void;
}> &
  OpenOptions;

/** @param settings `undefined` while the connection is not set up: then there is neither engine nor storage. */
export function openSession(
  home: Home,
  settings: StorageSettings | undefined,
  demo: Demo | undefined,
  options: SessionOptions,
): Session {
  const { version, quietMs, graceMs, rescanMs, hook, bytesPerSecond } = options;
  const { log, emit, statusChanged } = options;
  const { database, path: homePath } = home;
  const facts = settings && knownStorage(settings, database, Date.now);
  const remote =
    settings &&
    traced(
      openStorage({ ...settings, bytesPerSecond }, facts, (correction) => {
        log('warn', correctionText(correction));
        statusChanged();
      }),
      log,
    );
  const engine =
    remote &&
    openEngine({
      database,
      remote,
      homePath,
      quietMs: demo?.quietMs ?? quietMs,
      graceMs,
      rescanMs,
      hook,
      log,
      ...clock,
      random: Math.random,
      clientVersion: `pansea-sync/${version}`,
    });
  const objects = objectIndex(database);
  const restores = restoreStore(database);
  const watchedRestores = createRestores({
    remote,
    store: restores,
    homePath,
    nowMs: Date.now,
    onChange: statusChanged,
    onUnexpected: (error) => log('error', 'A restore could not be followed', { error }),
  });
  watchedRestores.start();
  const folders = folderStore(database, Date.now);
  const links = linkStore(database);
  const jobs = engine?.jobs ?? jobStore(database, Date.now);
  const noteObject = (key: string, { sizeBytes, name, storageClass }: Job) => {
    const about = { key, sizeBytes, name, storageClass: storageClass ?? null };
    const seen = { ...about, lastModifiedMs: Date.now() };
    objects.add(seen).catch((error: unknown) => {
      // Of a home that is closed meanwhile nobody hears whether it was.
      if (database.open) log('warn', 'An object could not be noted', { key, error });
    });
  };
  // What a crash left under way waits, too, and goes by whatever a person decides meanwhile: an engine does this itself.
  if (!engine) jobs.recover();
  const meter = createPaceMeter(jobs, () => performance.now());
  const viewOf = (job: Job) =>
    jobView(job, jobs.sentOf(job), jobs.isAway(job.folderId), engine?.onTheWay(job.id));
  const tell = (job: Job) => emit({ type: 'job', job: viewOf(job) });
  engine?.events.on((event) => {
    if (event.type === 'on-the-way') {
      const moving = jobs.get(event.jobId);
      return moving && tell(moving);
    }
    if (event.type !== 'job') return statusChanged();
    const { job } = event;
    meter.note(job);
    if (job.state.kind === 'verified' && job.key) noteObject(job.key, job);
    tell(job);
    if (job.state.kind !== 'uploading') statusChanged();
  });
  return {
    database,
    jobs,
    folders,
    links,
    // By the clock of the storage, which ends them.
    linksEnding: () =>
      remote ? links.endingSoon(remote.place, Date.now() - remote.aheadMs()) : [],
    objects,
    viewOf,
    history: historyStore(database, Date.now),
    engine,
    pause:
      engine &&
      createPause({
        database,
        queue: engine.queue,
        notNow: options.notNow,
        nowMs: Date.now,
        onChange: statusChanged,
      }),
    decisions:
      engine?.decisions ??
      createDecisions({ jobs, folders, nowMs: Date.now, intake: createIntake(jobs, Date.now) }),
    findJobs: createFindJobs(jobs),
    audits: createAudits({
      database,
      jobs,
      objects,
      audit: engine?.audit,
      place: remote?.place,
      ...clock,
      emit,
      log,
    }),
    deletions: createDeletions(() => engine?.deletionUnheard()),
    restores,
    watchedRestores,
    migrations: createMigrations({
      database,
      homePath,
      jobs,
      engine,
      remote,
      tariff:
        settings && (() => tariffOf(settings, database, facts?.get('region') ?? settings.region)),
      version,
      quietMs: demo?.quietMs ?? quietMs,
      ...clock,
      emit,
      log,
      nativeBinding: options.nativeBinding,
    }),
    previews: createPreviews(),
    remote,
    endpoint: settings?.endpoint,
    known: facts,
    demo,
    pace: () => meter.pace(),
    presence: engine?.presence ?? createPresence(folders, jobs),
    async saveFolder(path, rule, known) {
      if (engine) return engine.addFolder(path, rule, known);
      const place = await assertWatchable(path, folders, homePath, known);
      return createRules({ jobs, folders, intake: createIntake(jobs, Date.now) }).put(place, rule);
    },
  };
}

/** Ends what it has under way, then its storage. @param closing Never rejects, whatever one of them fails with. */
export async function endSession(
  session: Session,
  closing: (close: () => unknown) => Promise<unknown>,
): Promise<void> {
  const { pause, previews, engine, audits, migrations, deletions, watchedRestores, remote } =
    session;
  pause?.stop();
  previews.stop();
  const parts = [engine, audits, migrations, deletions, watchedRestores];
  await Promise.all(parts.map((part) => closing(() => part?.stop())));
  await closing(() => remote?.close());
}
