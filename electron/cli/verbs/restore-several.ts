/** @file Several archived recordings at once: all are looked up, and what it costs is said, before anything is asked for. */
import pLimit from 'p-limit';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { count, formatBytes, printable } from '#shared/format.ts';
import type { RestoreSpeed } from '#shared/restore.ts';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import { mustLook } from '../../engine/library/objects.ts';
import { lookEveryMs, restoreObject, whenReadable } from '../../engine/library/restore.ts';
import type { ObjectInfo, Remote } from '../../engine/s3/remote.ts';
import { restoreStore } from '../../engine/store/restores.ts';
import type { Context } from '../context.ts';
import { errorView, EXIT, exitCodeFor, type ExitCode } from '../output.ts';
import { GOES_ON, noteTerms } from './restore.ts';

const ABREAST = 8;

type Options = Readonly<{ days?: number; speed: RestoreSpeed; wait?: boolean; yes?: boolean }>;
/** `detail`: what was not understood, and nothing where the code says it. */
type Failed = Readonly<{ key: string; code: ErrorCode; detail: string | undefined }>;

/** It would be the same for each of the others. */
const forAll: ReadonlySet<ErrorCode> = new Set(['restore-denied', 'unexpected']);

/** @throws AppError `no-object`: a mistyped key asks for nothing · `usage` without `--yes`, with how many they are */
export async function restoreSeveral(
  context: Context,
  remote: Remote,
  keys: readonly string[],
  { days, speed, wait = false, yes = false }: Options,
): Promise<ExitCode> {
  const { output, signal } = context;
  const limit = pLimit(ABREAST);
  const looks = await Promise.all(keys.map((key) => limit(mustLook, remote, key, signal)));
  const shut = looks.filter(({ readability }) => readability.kind !== 'readable');
  const readable = keys.length - shut.length;
  for (const [, [first]] of Map.groupBy(shut, archiveAndState))
    if (first) noteTerms(output, first.readability, speed);
  if (shut.length > 0 && !yes) throw new AppError('usage', askText(shut));
  const restores = restoreStore(context.home().database);
  const on = { remote, restores, nowMs: Date.now };
  const asked: string[] = [];
  const failed: Failed[] = [];
  let trouble: AppError | undefined;
  /** Never fails: the ledger has to be open until all that was asked for is noted. */
  async function ask(key: string): Promise<void> {
    try {
      if (trouble) throw trouble;
      await restoreObject(on, { key, days, speed }, signal);
      asked.push(key);
    } catch (error) {
      const known = AppError.from(error);
      if (known.code === 'object-restoring') return void asked.push(key);
      if (known.scope === 'storage' || forAll.has(known.code)) trouble = known;
      // What a stop broke off was not refused.
      if (!signal.aborted) failed.push(failure(key, known));
    }
  }
  await Promise.all(shut.map(({ key }) => limit(ask, key)));
  if (signal.aborted) {
    // Some may have been asked for without an answer.
    const noted = new Set(restores.open(remote.place).map(({ key }) => key));
    const left = keys.filter((key) => noted.has(key));
    const refused = failed.filter(({ key }) => !noted.has(key));
    if (left.length + refused.length === 0) throw signal.reason;
    return tell(context, { came: undefined, left, failed: refused, readable, isStopped: true });
  }
  if (trouble && asked.length === 0) throw trouble;
  if (!wait)
    return tell(context, { came: undefined, left: asked, failed, readable, isStopped: false });
  output.note(`${count(asked.length, 'recording')} asked for. ${GOES_ON}`);
  const { error, ...ended } = await waited(remote, asked, lookEveryMs(speed), signal);
  return tell(context, {
    ...ended,
    failed: [...failed, ...ended.failed],
    readable,
    error,
    isStopped: signal.aborted,
  });
}

function failure(key: string, { code, message }: AppError): Failed {
  return { key, code, detail: code === 'usage' ? message : undefined };
}

const archiveAndState = ({ readability: state }: ObjectInfo): string =>
  state.kind === 'readable' ? '' : `${state.archive} ${state.kind === 'restored'}`;

function askText(shut: readonly ObjectInfo[]): string {
  const bytes = shut.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `This asks for ${count(shut.length, 'recording')} out of the archive, ${formatBytes(bytes)}, which may cost. Add --yes if that is meant`;
}

type Waited = Readonly<{
  came: readonly string[];
  failed: readonly Failed[];
  /** Asked for, and not known to be readable. */
  left: readonly string[];
  /** The storage's trouble, by which the wait has ended. */
  error?: AppError | undefined;
}>;

/** One after the other: together they take as long as the slowest. What was asked for costs, so it is told however this ends. */
async function waited(
  remote: Remote,
  asked: readonly string[],
  everyMs: number,
  signal: AbortSignal,
): Promise<Waited> {
  const came: string[] = [];
  const failed: Failed[] = [];
  const left = [...asked];
  for (const key of asked) {
    try {
      await whenReadable(remote, key, everyMs, signal);
      came.push(key);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof AppError)) throw error;
      if (error.scope === 'storage') return { came, failed, left, error };
      failed.push(failure(key, error));
    }
    left.shift();
  }
  return { came, failed, left };
}

type Told = Omit<Waited, 'came'> &
  Readonly<{
    /** `undefined` where nobody waited for them. */
    came: readonly string[] | undefined;
    readable: number;
    isStopped: boolean;
  }>;

function tell({ output }: Context, told: Told): ExitCode {
  const { came, left, readable, error, isStopped } = told;
  const failed = told.failed.map((one) => ({ ...one, title: wordsOf(one.code, 'cli').title }));
  const restoring = left.length > 0 || came === undefined ? { restoring: left } : {};
  output.answer(
    {
      ...(came && { restored: came }),
      ...restoring,
      readable,
      failed,
      ...(error && { error: errorView(error) }),
    },
    [
      ...failed.map(({ key, title, detail }) => `${printable(key)}: ${detail ?? title}.`),
      ...(came || isStopped
        ? left.map((key) => `${printable(key)}: asked for, and not known to be readable yet.`)
        : []),
      ...(came ? [`${count(came.length, 'recording')} can be read now.`] : []),
      ...(restoring.restoring
        ? [`${count(left.length, 'recording')} being made readable again.`]
        : []),
      ...(readable > 0 ? [`${count(readable, 'recording')} could be read as they are.`] : []),
    ].join('\n'),
  );
  if (error && !output.json) output.error(error, 'restore');
  if (isStopped) {
    output.note(`Stopped. ${GOES_ON}`);
    return EXIT.interrupted;
  }
  if (error) return exitCodeFor(error);
  return failed.length > 0 ? EXIT.someFailed : EXIT.done;
}
