/** @file What a window works with: the library and its connection, opened as the settings say, and anew when they change. */
import { AppError } from '#shared/errors.ts';
import type { ApiEvent } from '#shared/api.ts';
import { knownStorage, type KnownStorage } from '../doctor/known.ts';
import { lockHome, type Home } from '../home/home.ts';
import { secretsIn, type OpenLog } from '../log.ts';
import type { StoragePlace, StorageSettings } from '../s3/storage-settings.ts';
import { createSchool } from '../school/school-now.ts';
import { createConnection } from '../settings/connection.ts';
import type { Environment } from '../settings/settings.ts';
import { settingStore } from '../store/settings.ts';
import { createUploadSpeed } from '../upload/upload-rate.ts';
import type { Demo, Desktop } from '../desktop.ts';
import { wantsDetailedLog } from '../doctor/traced.ts';
import { endSession, openSession, type Session } from './session.ts';
import { limitUnverified } from './unverified.ts';

export type OpeningOptions = Readonly<{
  env: Environment;
  homePath: string;
  version: string;
  quietMs: number;
  graceMs?: number | undefined;
  rescanMs: number;
  /** As in `EngineOptions`. */
  hook?: string | undefined;
  nativeBinding?: string | undefined;
  /** Used when nobody said which storage to use. Without it the window asks for settings. */
  startDemo?: (nativeBinding?: string) => Promise<Demo>;
}>;

type Context = OpeningOptions &
  Readonly<{
    desktop: Desktop;
    /** The detailed log, whatever is set. */
    isDebug: boolean;
    log: OpenLog;
    clock: Readonly<{ nowMs: () => number; monotonicMs: () => number }>;
    emit: (event: ApiEvent) => void;
    statusChanged: () => void;
  }>;

/** Nothing is open before `reopen`. What can be expected is never thrown by it: it is the trouble that is shown. */
export function createOpening(context: Context) {
  const { env, homePath, version, startDemo, quietMs, graceMs, rescanMs, hook } = context;
  const { nativeBinding, desktop, isDebug, log, clock, emit, statusChanged } = context;
  /** Secrets that came into use, beside those of the environment. */
  const typed = new Set<string>();
  let home: Home | undefined;
  let demoHome: Home | undefined;
  let session: Session | undefined;
  let connected: ReturnType<typeof createConnection> | undefined;
  let trouble: AppError | undefined;
  /** Settings under which anybody on the way could read along: said on every page. */
  let warning: StorageSettings | undefined;

  const store = () => settingStore(openHome().database);
  const school = createSchool(env, store);
  const connection = () => (connected ??= createConnection(env, store(), desktop.keys, school.now));
  const lock = (path: string): Home =>
    lockHome({
      path,
      nativeBinding,
      onWarning: (error) => log('warn', 'The home is in trouble', { home: path, error }),
    });
  const openHome = (): Home => (home ??= lock(homePath));
  const ledger = () => openHome().database;
  const speed = createUploadSpeed({
    env,
    database: ledger,
    clock,
    desktop,
    onChange() {
      session?.pause?.look();
      statusChanged();
    },
  });

  /** What the storage is asked with. @param envFile One that is offered, by its id: in the place of what is set. */
  async function wanted(envFile?: string): Promise<StorageSettings> {
    const asked =
      envFile === undefined ? await connection().storage() : await connection().offered(envFile);
    return { ...limitUnverified(asked, store(), Date.now()), limits: school.limits() };
  }

  function known(settings: StoragePlace): KnownStorage {
    const isDemo = settings === session?.demo?.settings;
    const { database } = (isDemo ? demoHome : undefined) ?? openHome();
    return knownStorage(settings, database, Date.now);
  }

  let opening = Promise.resolve();
  /** One after the other, whoever asks for it. */
  const reopen = () => (opening = opening.then(open));

  /** (Re)opens what the settings ask for. */
  async function open(): Promise<void> {
    await closeSession();
    let demo: Demo | undefined;
    try {
      school.ask();
      const wantsDemo = startDemo !== undefined && !connection().isSet();
      demo = wantsDemo ? await startDemo(nativeBinding) : undefined;
      if (demo) demoHome = lock(demo.homePath);
      const isSet = connection().isSet();
      log.setDebug(isDebug || wantsDetailedLog(openHome().database));
      const settings = demo?.settings ?? (isSet ? await wanted() : undefined);
      for (const secret of secretsIn(settings)) typed.add(secret);
      log.hide([...typed]);
      warning = settings?.verifyTls === false ? settings : undefined;
      session = openSession(demoHome ?? openHome(), settings, demo, {
        version,
        quietMs,
        graceMs,
        rescanMs,
        // The demo's recordings are nobody's.
        hook: demo ? undefined : hook,
        bytesPerSecond: speed.rate(),
        notNow: speed.notNow,
        log,
        emit,
        statusChanged,
        nativeBinding,
      });
      trouble = undefined;
      if (demo && session.folders.list().length === 0)
        await session.saveFolder(demo.folder, demo.rule);
      if (!demo) await school.follow(session, log);
      session.engine?.start();
      session.migrations.resume();
      demo
        ?.begin()
        .catch((error: unknown) => log('error', 'The samples could not be recorded', { error }));
    } catch (error) {
      trouble = AppError.from(error);
      log('error', 'The library could not be opened', { error });
      if (session === undefined) await closing(() => demo?.close());
    }
    statusChanged();
  }

  /** What cannot be put away keeps nothing else open, and keeps nothing from being opened. */
  async function closeSession(): Promise<void> {
    const old = session;
    const demo = demoHome;
    session = demoHome = undefined;
    school.endFollowing();
    if (old) await endSession(old, closing);
    await closing(() => demo?.close());
    await closing(() => old?.demo?.close());
  }

  const closing = (close: () => unknown): Promise<unknown> =>
    (async () => close())().catch((error: unknown) =>
      log('error', 'Something could not be closed', { error }),
    );

  function mustSession(): Session {
    if (session === undefined)
      throw trouble ?? new AppError('home-unusable', 'The library is closed');
    return session;
  }

  return {
    session: () => session,
    /** @throws AppError while the library is not open. */
    mustSession,
    trouble: () => trouble,
    warning: () => warning,
    secrets: () => [...typed],
    school,
    speed,
    ledger,
    connection,
    wanted,
    known,
    reopen,
    async close(): Promise<void> {
      await closeSession();
      home?.close();
    },
  };
}
