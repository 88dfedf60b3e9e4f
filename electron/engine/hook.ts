/**
 * @file Tells a program that an admin has set what became of recordings, a line of JSON for each. Nothing waits for it and
 * nothing depends on it. The ledger is what waits to be told, so that nothing piles up here, and an end forgets nothing.
 */
import { basename, isAbsolute } from 'node:path';
import type { Database } from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { isoTime } from '#shared/format.ts';
import { withoutSecrets } from '#shared/redact.ts';
import type { createEvents } from './events.ts';
import { ask, Silence } from './files/disks.ts';
import type { Log } from './log.ts';
import { endText, findProgram, plainWords, runProgram } from './program.ts';
import { outcomeKinds, outcomeStore, type Outcome } from './store/outcomes.ts';
import type { Job, JobStore } from './store/jobs.ts';
import { within } from './waiting.ts';

/** Of one run: of 10,000 recordings at once there are a hundred runs, one after the other. */
const MAX_LINES = 100;
/** For who ends, and has told it all that it can. */
const PATIENCE_MS = 60_000;
/** A run that is under way at the end has so long to come to its own; so has our end, after a run that was killed. */
const STOP_MS = 3_000;

export type HookTimes = Readonly<{
  /** Of a run. */
  limitMs: number;
  /** What comes within it is told together. */
  collectMs: number;
  /** The same after a failure, whatever comes. */
  restMs: number;
}>;
const usual: HookTimes = { limitMs: 60_000, collectMs: 1_000, restMs: 60_000 };

type Options = Readonly<{
  /** The command, as the environment has it. */
  hook?: string | undefined;
  hookTimes?: Partial<HookTimes> | undefined;
  database: Database;
  jobs: Pick<JobStore, 'get'>;
  events: ReturnType<typeof createEvents>;
  monotonicMs: () => number;
  log: Log;
}>;

/** @throws AppError `settings-wrong` */
function commandIn(text: string): readonly string[] {
  const command = text.startsWith('[') ? listIn(text) : [text];
  if (!isAbsolute(command[0] ?? ''))
    throw new AppError(
      'settings-wrong',
      'PANSEA_HOOK has to be the whole path of a program, or a list in JSON that begins with it',
    );
  return command;
}

function listIn(text: string): string[] {
  try {
    const list = JSON.parse(text) as unknown[];
    return list.every((part) => typeof part === 'string') ? list : [];
  } catch {
    return [];
  }
}

/** Arguments that were written behind the path are not repeated: they may be secret, and this ends in logs. */
const missingText = (path: string): string =>
  /\s-|:\/\//.test(path)
    ? 'PANSEA_HOOK names no program that is there; arguments belong in a list in JSON'
    : `${path} is not there, or may not be started`;

/** Without a command it does nothing. */
export function createHook(options: Options) {
  const { database, jobs, events, monotonicMs, log } = options;
  const { limitMs, collectMs, restMs } = { ...usual, ...options.hookTimes };
  const command = options.hook?.trim();
  const outcomes = outcomeStore(database);
  // One verb in a shell that lacks the variable is no reason to forget: only who stays is without a hook on purpose.
  if (!command)
    return {
      start: () => outcomes.forget(),
      settled: async () => {},
      stop: async () => {},
    };
  const ending = new AbortController();
  let told = outcomes.begin();
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> | undefined;
  let isStopped = false;
  const stopping = Promise.withResolvers<void>();
  let trouble: string | undefined;

  function soon(waitMs: number): void {
    if (isStopped || turn) return;
    timer ??= setTimeout(() => void takeTurn(), waitMs).unref();
  }

  /** One at a time. */
  function takeTurn(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    return (turn ??= oneTurn());
  }

  /** Never rejects. */
  async function oneTurn(): Promise<void> {
    try {
      const wasFull = await tell()
        .catch(notTold)
        .finally(() => (turn = undefined));
      // What came meanwhile found a turn under way.
      if (!isStopped && isBehind()) soon(wasFull ? 0 : pauseMs());
    } catch (error) {
      log('error', 'The hook could not be told', { error });
    }
  }

  const isBehind = (): boolean => outcomes.after(told, 1).length > 0;
  const pauseMs = (): number => (trouble === undefined ? collectMs : restMs);

  /** One run, if there is anything to tell. @returns Whether there may be more than it could be told. */
  async function tell(): Promise<boolean> {
    const parts = await program();
    if (isStopped) return false;
    const batch = outcomes.after(told, MAX_LINES);
    const last = batch.at(-1);
    if (last === undefined) return false;
    const failure = await run(parts, batch.flatMap(lineOf).join(''));
    // Cut off in the middle: all of it is told again at the next start.
    if (ending.signal.aborted) return false;
    told = last.id;
    note(failure);
    outcomes.told(told);
    return failure === undefined && batch.length === MAX_LINES;
  }

  /** It could not be started: what waits to be told goes on to wait. */
  function notTold(error: unknown): false {
    if (ending.signal.aborted) return false;
    if (!(error instanceof AppError)) throw error;
    note(error.message);
    return false;
  }

  /** @throws AppError with words for who has set it. */
  async function program(): Promise<readonly string[]> {
    const parts = commandIn(command!);
    const [path = ''] = parts;
    const { signal } = ending;
    const look = ask(`hook ${path}`, () => findProgram(path), { limitMs, signal });
    const found = await look.catch((error: unknown) => {
      if (!(error instanceof Silence)) throw error;
      throw new AppError('settings-wrong', 'The disk with the hook does not answer');
    });
    if (found !== undefined) return parts;
    throw new AppError('settings-wrong', missingText(path));
  }

  /** @returns How it failed. @throws AppError when it could not be started. */
  async function run(parts: readonly string[], input: string): Promise<string | undefined> {
    const { signal } = ending;
    const name = basename(parts[0]!);
    const ended = await runProgram(parts, { limitMs, signal, input }).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new AppError('settings-wrong', `${name} could not be started (${why})`);
    });
    if (ended === undefined || ended.code === 0) return undefined;
    if (ended.code === null && !ended.isOverTime) await endsWithUs();
    const words = withoutSecrets(plainWords(ended.said));
    return [endText(name, ended, limitMs), words].filter(Boolean).join(': ');
  }

  /** Who stops a service, or logs out, signals its every program: that one ends first says nothing of it. */
  async function endsWithUs(): Promise<void> {
    await within(STOP_MS, stopping.promise);
    if (isStopped) ending.abort(new Error('It was ended with us'));
  }

  function lineOf({ kind, atMs, code, jobId }: Outcome): string[] {
    const job = jobOf(jobId);
    if (!job) return [];
    const { id, path, key, destination, sizeBytes } = job;
    const classId = destination?.kind === 'audio' ? destination.classId : undefined;
    const at = isoTime(atMs);
    const line = { event: kind, id, path, key, classId, sizeBytes, code: code ?? undefined, at };
    return [`${JSON.stringify(line)}\n`];
  }

  /** One that cannot be read keeps the others from nothing. */
  function jobOf(id: number): Job | undefined {
    try {
      return jobs.get(id);
    } catch (error) {
      log('warn', 'The hook is not told of a recording that cannot be read', { job: id, error });
      return undefined;
    }
  }

  function note(failure: string | undefined): void {
    if (failure !== undefined) log('warn', 'The hook failed', { detail: failure });
    const isNews = (failure === undefined) !== (trouble === undefined);
    trouble = failure;
    if (isNews) events.emit({ type: 'hook', detail: failure });
  }

  const kinds: ReadonlySet<string> = new Set(outcomeKinds);
  const off = events.on((event) => {
    if (event.type === 'job' && kinds.has(event.job.state.kind)) soon(pauseMs());
  });
  // Also where there is nothing to tell: a hook that is not there is noticed when it is set.
  soon(collectMs);

  return {
    /** It tells from the beginning, also for a host that does not stay. */
    start: () => {},
    /** For who ends now: what there is has been told, or failed, or took a minute. */
    async settled(signal: AbortSignal): Promise<void> {
      const untilMs = monotonicMs() + PATIENCE_MS;
      const { promise: left, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve(), { once: true });
      do {
        if (signal.aborted || isStopped || (trouble !== undefined && !turn)) return;
        const before = told;
        await Promise.race([takeTurn(), left]);
        // What could not be told in this turn could not in the next.
        if (told === before) return;
      } while (isBehind() && monotonicMs() < untilMs);
    },
    /** Within seconds; again is harmless. */
    async stop(): Promise<void> {
      isStopped = true;
      stopping.resolve();
      off();
      clearTimeout(timer);
      const late = setTimeout(() => ending.abort(new Error('The engine stops')), STOP_MS);
      await turn;
      clearTimeout(late);
    },
  };
}
