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
import { EXIT, type ExitCode } from '../output.ts';
import { noteTerms } from './restore.ts';

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
      const known =
        error instanceof AppError
          ? error
          : new AppError('unexpected', String(error), { cause: error });
      if (known.code === 'object-restoring') return void asked.push(key);
      if (known.scope === 'storage' || forAll.has(known.code)) trouble = known;
      failed.push(failure(key, known));
    }
  }
  await Promise.all(shut.map(({ key }) => limit(ask, key)));
  signal.throwIfAborted();
  if (trouble && asked.length === 0) throw trouble;
  if (wait) failed.push(...(await waited(remote, asked, lookEveryMs(speed), signal)));
  return tell(context, { asked, failed, readable, isReadable: wait });
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

/**
 * One after the other: together they take as long as the slowest.
 *
 * @returns Those that did not come.
 * @throws AppError with the storage's trouble, as where one is waited for
 */
async function waited(
  remote: Remote,
  asked: readonly string[],
  everyMs: number,
  signal: AbortSignal,
): Promise<Failed[]> {
  const failed: Failed[] = [];
  for (const key of asked)
    try {
      await whenReadable(remote, key, everyMs, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError) || error.scope === 'storage') throw error;
      failed.push(failure(key, error));
    }
  return failed;
}

type Told = Readonly<{
  asked: readonly string[];
  failed: readonly Failed[];
  readable: number;
  isReadable: boolean;
}>;

function tell({ output }: Context, { asked, failed, readable, isReadable }: Told): ExitCode {
  const titles = failed.map((one) => ({ ...one, title: wordsOf(one.code, 'cli').title }));
  const done = asked.filter((key) => !failed.some((one) => one.key === key));
  output.answer(
    { [isReadable ? 'restored' : 'restoring']: done, readable, failed: titles },
    [
      ...titles.map(({ key, title, detail }) => `${printable(key)}: ${detail ?? title}.`),
      `${count(done.length, 'recording')} ${isReadable ? 'can be read now' : 'being made readable again'}.`,
      ...(readable > 0 ? [`${count(readable, 'recording')} could be read as they are.`] : []),
    ].join('\n'),
  );
  return failed.length > 0 ? EXIT.someFailed : EXIT.done;
}
