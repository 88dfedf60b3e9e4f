/** @file The engine behind a window: opens it, keeps its troubles in words, answers the calls of shared/api.ts. */
import { createServer, type ApiEvent, type Reply } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { HistoryKind } from '#shared/api/history.ts';
import { createConnectionCalls } from './connecting.ts';
import { createConnection } from '../settings/connection.ts';
import { createHandlers } from './handlers.ts';
import { lockHome, type Home } from '../home/home.ts';
import { knownStorage, type KnownStorage } from '../doctor/known.ts';
import { createDiagnosticsCalls, wantsDetailedLog } from './diagnostics-calls.ts';
import { openLog, secretsIn, secretsOf } from '../log.ts';
import { createPlaces } from './places.ts';
import { createSchool } from '../school/school-now.ts';
import {
  endSession,
  openSession,
  storageOf,
  type Session,
  type SessionStorage,
} from './session.ts';
import { leaveOf, stateOf, statusOf, type StatusFacts } from './status.ts';
import { createVirusScanCalls } from '../virus/calls.ts';
import type { Preview } from '../library/previews.ts';
import type { StorageSettings } from '../s3/client.ts';
import { wantsDebug, type Environment } from '../settings/settings.ts';
import { settingStore } from '../store/settings.ts';
import { createUploadSpeed, noLimit } from '../upload/upload-rate.ts';
import { limitUnverified } from './unverified.ts';
import type { Demo, Desktop } from '../desktop.ts';

export type HostOptions = Readonly<{
  env: Environment;
  homePath: string;
  version: string;
  desktop: Desktop;
  /** Who uses this computer, for the test object's key, and who sends an archive unless told. */
  userId: string;
  quietMs: number;
  graceMs?: number | undefined;
  rescanMs: number;
  /** The detailed log, whatever is set; as DEBUG says unless told. */
  isDebug?: boolean;
  nativeBinding?: string | undefined;
  /** Used when nobody said which storage to use. Without it the window asks for settings. */
  startDemo?: (nativeBinding?: string) => Promise<Demo>;
}>;

export type AppHost = Readonly<{
  serve: (name: unknown, input: unknown) => Promise<Reply>;
  /** @returns A function that ends the subscription. */
  onEvent: (listener: (event: ApiEvent) => void) => () => void;
  /** What keeps the library from being open. */
  trouble: () => AppError | undefined;
  /** @throws AppError while the library or its connection is not open. */
  storage: () => SessionStorage;
  preview: (id: string) => Preview | undefined;
  summary: () => { safeToLeave: boolean; reason: string; busy: number };
  /** A person dropped this on the window: its folder may be named by the page from now on. */
  dropped: (path: string) => void;
  /** The computer has slept: looks at folders and storage anew. */
  woke: () => void;
  /** The computer is about to sleep. */
  slept: () => void;
  /** Ends within 5 s, everything resumable. */
  stop: () => Promise<void>;
}>;

const clock = { nowMs: Date.now, monotonicMs: () => performance.now() };
/** Between two "something changed" events, so that a burst is one question. */
const STATUS_EVERY_MS = 250;

/** Never throws for what can be expected: such trouble is the status that the window shows. */
export async function openAppHost(options: HostOptions): Promise<AppHost> {
  const { env, homePath, version, desktop, startDemo, quietMs, graceMs, rescanMs } = options;
  const isDebug = options.isDebug ?? wantsDebug(env);
  const log = openLog(homePath, isDebug, secretsOf(env));
  const listeners = new Set<(event: ApiEvent) => void>();
  const ending = new AbortController();
  /** Secrets that came into use, beside those of the environment. */
  const typed = new Set<string>();
  let home: Home | undefined;
  let demoHome: Home | undefined;
  let session: Session | undefined;
  let connected: ReturnType<typeof createConnection> | undefined;
  let trouble: AppError | undefined;
  /** Settings under which anybody on the way could read along: said on every page. */
  let warning: StorageSettings | undefined;
  let statusTimer: NodeJS.Timeout | undefined;

  const emit = (event: ApiEvent) => {
    for (const listener of listeners) listener(event);
  };
  function statusChanged(): void {
    statusTimer ??= setTimeout(() => {
      statusTimer = undefined;
      emit({ type: 'status' });
    }, STATUS_EVERY_MS);
  }
  const store = () => settingStore(openHome().database);
  const school = createSchool(env, store);
  const connection = () => (connected ??= createConnection(env, store(), desktop.keys, school.now));
  const lock = (path: string): Home =>
    lockHome({
      path,
      nativeBinding: options.nativeBinding,
      onWarning: (error) => log('warn', 'The home is in trouble', { home: path, error }),
    });
  const openHome = (): Home => (home ??= lock(homePath));
  const ledger = () => openHome().database;
  const speed = createUploadSpeed({ env, database: ledger, clock, desktop, onChange: paceChanged });
  function paceChanged(): void {
    session?.pause?.look();
    statusChanged();
  }

  async function wanted(envFile?: string): Promise<StorageSettings> {
    const asked =
      envFile === undefined ? await connection().storage() : await connection().offered(envFile);
    return { ...limitUnverified(asked, store(), Date.now()), limits: school.limits() };
  }

  function known(settings: StorageSettings): KnownStorage {
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
      demo = wantsDemo ? await startDemo(options.nativeBinding) : undefined;
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
        bytesPerSecond: speed.rate(),
        notNow: speed.notNow,
        log,
        emit,
        statusChanged,
        nativeBinding: options.nativeBinding,
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
      trouble =
        error instanceof AppError
          ? error
          : new AppError('unexpected', String(error), { cause: error });
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

  const facts = (): StatusFacts => ({
    version,
    env,
    desktop,
    session,
    trouble,
    unverified: warning,
    uploadSpeed: session ? speed.now() : noLimit,
    school: { view: school.view(), warning: school.warning() },
  });
  const status = async () => statusOf(facts());

  /** A disk that is full, or a library that is shut: the history is not worth failing for. */
  function noteInHistory(kind: HistoryKind): void {
    try {
      session?.history.add({ kind });
    } catch (error) {
      log('warn', 'The history could not be written', { error });
    }
  }

  const places = createPlaces(
    desktop.chooseFolder !== undefined,
    () => session?.folders.list() ?? [],
  );
  const onUnexpected = (error: unknown) => log('error', 'A call failed', { error });
  const handlers = createHandlers({
    session: mustSession,
    status,
    openAgain: async () => (session === undefined ? reopen() : undefined),
    desktop,
    places,
    ...clock,
    emit,
    onUnexpected,
    school: school.now,
    userId: options.userId,
    signal: ending.signal,
    diagnostics: createDiagnosticsCalls({
      database: ledger,
      log,
      isDebug,
      desktop,
      source: () => ({ version, homePath, env, state: stateOf(facts()), secrets: [...typed] }),
    }),
    uploadLimit: speed.calls,
    virusScan: createVirusScanCalls({
      database: ledger,
      desktop,
      signal: ending.signal,
      onChange: () => session?.engine?.tryAgain(),
    }),
    connection: createConnectionCalls({
      connection,
      settings: async (envFile) =>
        (envFile === undefined && session?.demo?.settings) || (await wanted(envFile)),
      known,
      session: () => session,
      reopen,
      userId: options.userId,
      signal: ending.signal,
    }),
  });

  await reopen();
  noteInHistory('opened');
  school.onChange(ending.signal, () => void reopen());
  return {
    serve: createServer(handlers, onUnexpected),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    trouble: () => trouble,
    storage: () => storageOf(mustSession()),
    preview: (id) => session?.previews.get(id),
    summary() {
      const { safeToLeave, reason, counts } = leaveOf(session);
      return {
        safeToLeave,
        reason,
        busy: (counts['uploading'] ?? 0) + (counts['verifying'] ?? 0),
      };
    },
    dropped: places.show,
    woke() {
      noteInHistory('woke');
      session?.engine?.woke();
    },
    slept: () => noteInHistory('slept'),
    async stop() {
      ending.abort(new Error('The host ends'));
      noteInHistory('closed');
      clearTimeout(statusTimer);
      await closeSession();
      home?.close();
    },
  };
}
