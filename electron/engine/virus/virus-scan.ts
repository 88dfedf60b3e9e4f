/** @file Asks the scanner that a person has set about each recording, after it has settled and before anything of it is sent. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { withoutSecrets } from '#shared/redact.ts';
import { scanExits, virusScan, type VirusScan } from '#shared/virus-scan.ts';
import { cleanScans } from '../store/clean-scans.ts';
import { settingStore } from '../store/settings.ts';
import { endText, findProgram, plainWords, runProgram } from '../program.ts';
import { createTurns } from '../waiting.ts';

const NAME = 'virus_scan';

/** How soon a scanner that failed is asked again, by whichever recording comes then. */
const REST_MS = 2_000;

/** ClamAV's options to delete a file or to put it elsewhere. */
const touches = /^--(?:rem|mov)/;

/** What is set. @throws AppError `saved-unreadable`: nothing goes up unscanned because of that. */
export const readVirusScan = (db: Database): VirusScan | undefined =>
  settingStore(db).get(NAME, virusScan);

/**
 * Sets it, once it has called a harmless file clean; `undefined` ends scanning.
 *
 * @param asked Its program may be named as on a command line: the path it has now is what is kept.
 * @throws AppError `usage`, `scanner-missing`, `scan-failed`: then all is as before.
 */
export async function saveVirusScan(
  db: Database,
  asked: VirusScan | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (asked === undefined) return settingStore(db).setAll({ [NAME]: undefined });
  const [name = '', ...args] = asked.command;
  const moving = args.find((arg) => touches.test(arg));
  if (moving !== undefined)
    throw new AppError(
      'usage',
      `${moving} would let it delete or move recordings: they are only read`,
    );
  const program = await findProgram(name);
  if (program === undefined) throw new AppError('scanner-missing', name);
  const found = virusScan.parse({ ...asked, command: [program, ...args] });
  await tryOut(found, signal);
  settingStore(db).set(NAME, found);
}

/** @throws AppError `usage` when it objects to a file in which there is nothing to object to. */
async function tryOut(scan: VirusScan, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pansea-sync-'));
  try {
    const file = join(folder, 'harmless.txt');
    await writeFile(file, 'A harmless file, to see whether the scanner works.\n');
    await ask(scan, file, signal).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'scan-hit') throw error;
      throw new AppError('usage', `It objected to a harmless file: ${error.message}`);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that is to be sent at once, if a scanner is set. @throws AppError `scan-hit`, `scan-failed`, `scanner-missing`, `saved-unreadable` */
export async function scanFile(db: Database, path: string, signal: AbortSignal): Promise<void> {
  const scan = readVirusScan(db);
  if (scan) await ask(scan, path, signal);
}

/** @throws AppError `scan-hit`, `scan-failed` and `scanner-missing` with its words; the signal's reason. */
async function ask(scan: VirusScan, path: string, signal: AbortSignal): Promise<void> {
  const { command, limitSeconds } = scan;
  const name = basename(command[0] ?? '');
  const limitMs = limitSeconds * 1_000;
  const ended = await runProgram([...command, path], { limitMs, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) throw error;
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new AppError('scanner-missing', `${command[0]} (${why})`, { cause: error });
    },
  );
  const { code, said } = ended;
  const file = basename(path);
  const told = withoutSecrets(plainWords(said.replaceAll(path, file)));
  // Most begin with it, and whoever reads this has the name before them.
  const words = told.startsWith(`${file}: `) ? told.slice(file.length + 2) : told;
  if (code === scanExits.clean) return;
  if (code === scanExits.hit) throw new AppError('scan-hit', words || `${name} said nothing more`);
  const how = endText(name, ended, limitMs);
  throw new AppError('scan-failed', words === '' ? how : `${how}: ${words}`);
}

export type Scanner = ReturnType<typeof createScanner>;

/** The setting is asked anew for each recording: it may be changed at any time, also by another process. */
export function createScanner(
  options: Readonly<{
    database: Database;
    nowMs: () => number;
    monotonicMs: () => number;
    /** Why recordings wait for the scanner, once for each reason; `undefined` when it works again. */
    onTrouble: (trouble: AppError | undefined) => void;
  }>,
) {
  const { database, nowMs, monotonicMs, onTrouble } = options;
  const clean = cleanScans(database);
  /** One at a time: each loads its signatures anew, and reads a whole recording. */
  const turns = createTurns();
  let trouble: AppError | undefined;
  let restsUntilMs = -Infinity;

  function note(next: AppError | undefined): void {
    if (next) restsUntilMs = monotonicMs() + REST_MS;
    const isNews = next?.code !== trouble?.code;
    trouble = next;
    if (isNews) onTrouble(next);
  }

  return {
    /** Why recordings wait for it; `undefined` while it works, and when none is set. */
    trouble: (): AppError | undefined => (readable() === undefined ? undefined : trouble),

    /** Before a recording is read for its sake. @throws AppError as the scanner failed a moment ago. */
    assertAnswers(): void {
      if (trouble && monotonicMs() < restsUntilMs && readVirusScan(database))
        throw new AppError(trouble.code, trouble.message);
    },

    /**
     * Whether these bytes may go up. What was found clean is not asked about again for a day.
     *
     * @param sha256 Of the bytes that will be sent.
     * @param assertSame Fails unless what the scanner was shown at `path` are those bytes.
     * @throws AppError `scan-hit`, `scan-failed`, `scanner-missing`, `saved-unreadable`
     */
    async assertClean(
      { path, sha256 }: Readonly<{ path: string; sha256: string }>,
      assertSame: () => Promise<void>,
      signal: AbortSignal,
    ): Promise<void> {
      const scan = readVirusScan(database);
      if (scan === undefined) return note(undefined);
      const by = createHash('sha256').update(JSON.stringify(scan.command)).digest('hex');
      if (clean.has(sha256, by, nowMs())) return;
      try {
        using _ = await turns.take('scan', signal);
        await ask(scan, path, signal);
        note(undefined);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        note(error.code === 'scan-hit' ? undefined : error);
        // A file that was swapped meanwhile is another question.
        await assertSame();
        throw error;
      }
      await assertSame();
      clean.add(sha256, by, nowMs());
    },
  };

  function readable(): VirusScan | undefined {
    return settingStore(database).getIfReadable(NAME, virusScan);
  }
}
