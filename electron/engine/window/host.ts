/** @file The engine behind a window: keeps what is open, and answers the calls of shared/api.ts. */
import { createServer, type ApiEvent, type Reply } from '#shared/api.ts';
import type { HistoryKind } from '#shared/api/history.ts';
import type { AppError } from '#shared/errors.ts';
import { createConnectionCalls } from './connecting.ts';
import { createCostCalls } from './cost-calls.ts';
import { createDiagnosticsCalls } from './diagnostics-calls.ts';
import { createHandlers } from './handlers.ts';
import { defaultHome } from '../home/home.ts';
import { openLog, secretsOf } from '../log.ts';
import { createOpening, type OpeningOptions } from './opening.ts';
import { createPlaces } from './places.ts';
import { storageOf, type SessionStorage } from './session.ts';
import { stateOf, statusOf, undoneOf, type StatusFacts, type Undone } from './status.ts';
import { createVirusScanCalls } from '../virus/calls.ts';
import type { Preview } from '../library/previews.ts';
import { wantsDebug } from '../settings/settings.ts';
import { noLimit } from '../upload/upload-rate.ts';
import { clock } from '../defaults.ts';
import type { Desktop } from '../desktop.ts';

export type HostOptions = OpeningOptions &
  Readonly<{
    desktop: Desktop;
    /** Who uses this computer, for the test object's key, and who sends an archive unless told. */
    userId: string;
    /** The detailed log, whatever is set; as DEBUG says unless told. */
    isDebug?: boolean;
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
  /** What the end of the app would put off. */
  undone: () => Undone;
  /** A person dropped this on the window: its folder may be named by the page from now on. */
  dropped: (path: string) => void;
  /** The computer has slept: looks at folders and storage anew. */
  woke: () => void;
  /** The computer is about to sleep. */
  slept: () => void;
  /** Ends within 5 s, everything resumable. */
  stop: () => Promise<void>;
}>;

/** Between two "something changed" events, so that a burst is one question. */
const STATUS_EVERY_MS = 250;

/** Never throws for what can be expected: such trouble is the status that the window shows. */
export async function openAppHost(options: HostOptions): Promise<AppHost> {
  const { env, homePath, version, desktop, userId } = options;
  const isDebug = options.isDebug ?? wantsDebug(env);
  const log = openLog(homePath, isDebug, secretsOf(env));
  const listeners = new Set<(event: ApiEvent) => void>();
  const ending = new AbortController();
  const { signal } = ending;
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
  const opening = createOpening({ ...options, isDebug, log, clock, emit, statusChanged });
  const { session, mustSession, school, speed, ledger, reopen } = opening;

  const facts = (): StatusFacts => ({
    version,
    desktop,
    session: session(),
    trouble: opening.trouble(),
    unverified: opening.warning(),
    uploadSpeed: session() ? speed.now() : noLimit,
    school: { view: school.view(), warning: school.warning() },
  });
  const status = async () => statusOf(facts());

  /** A disk that is full, or a library that is shut: the history is not worth failing for. */
  function noteInHistory(kind: HistoryKind): void {
    try {
      session()?.history.add({ kind });
    } catch (error) {
      log('warn', 'The history could not be written', { error });
    }
  }

  const places = createPlaces(
    desktop.chooseFolder !== undefined,
    () => session()?.folders.list() ?? [],
  );
  const settings = async (envFile?: string) =>
    (envFile === undefined && session()?.demo?.settings) || (await opening.wanted(envFile));
  const onUnexpected = (error: unknown) => log('error', 'A call failed', { error });
  const handlers = createHandlers({
    session: mustSession,
    status,
    openAgain: async () => (session() === undefined ? reopen() : undefined),
    desktop,
    places,
    ...clock,
    emit,
    onUnexpected,
    school: school.now,
    userId,
    signal,
    diagnostics: createDiagnosticsCalls({
      database: ledger,
      log,
      isDebug,
      desktop,
      source: () => ({
        version,
        homePath,
        env,
        state: stateOf(facts()),
        secrets: opening.secrets(),
      }),
    }),
    uploadLimit: speed.calls,
    virusScan: createVirusScanCalls({
      database: ledger,
      desktop,
      signal,
      onChange: () => session()?.engine?.tryAgain(),
    }),
    cost: createCostCalls({
      session: mustSession,
      settings: async () => settings(),
      known: opening.known,
      ...clock,
      signal,
    }),
    connection: createConnectionCalls({
      connection: opening.connection,
      settings,
      known: opening.known,
      session,
      reopen,
      userId,
      home: homePath === defaultHome(env) ? null : homePath,
      signal,
    }),
  });

  await reopen();
  noteInHistory('opened');
  school.onChange(signal, () => void reopen());
  return {
    serve: createServer(handlers, onUnexpected),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    trouble: opening.trouble,
    storage: () => storageOf(mustSession()),
    preview: (id) => session()?.previews.get(id),
    undone: () => undoneOf(session()),
    dropped: places.show,
    woke() {
      noteInHistory('woke');
      session()?.engine?.woke();
    },
    slept: () => noteInHistory('slept'),
    async stop() {
      ending.abort(new Error('The host ends'));
      noteInHistory('closed');
      clearTimeout(statusTimer);
      await opening.close();
    },
  };
}
