import { existsSync } from 'node:fs';
import pLimit from 'p-limit';
import { filePlaceWords, type FilePlace } from '#shared/api/stored.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { count, formatNumber, printable } from '#shared/format.ts';
import { ALSO_ELSEWHERE, lostLinksText } from '#shared/link.ts';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import { ledgerPath } from '../../engine/home/ledger-file.ts';
import { ledgerOf } from '../../engine/library/bring-back.ts';
import { placeOfFile } from '../../engine/library/file-place.ts';
import { mustHead, removeObject } from '../../engine/library/objects.ts';
import type { Remote } from '../../engine/s3/remote.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { linkStore, type Link } from '../../engine/store/links.ts';
import { peekPresence } from '../../engine/watch/presence.ts';
import type { Context } from '../context.ts';
import { objectKeys } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

const LOOKS_ABREAST = 16;
/** So many that may be the only copy are named one by one. */
const NAMED = 10;

type Places = ReadonlyMap<string, FilePlace>;

export const remove: Verb = (program, run) => {
  program
    .command('delete')
    .argument('<key...>', 'as list shows it', objectKeys)
    .option(
      '--yes',
      'do it; without this nothing is deleted, and it says of which the file is here',
    )
    .action(
      run(async (context, asked: string[], { yes = false }: { yes?: boolean }) => {
        const keys = [...new Set(asked)];
        const remote = await context.remote();
        // All of them before anything is said or deleted: a typing mistake ends it here.
        for (const key of keys) await mustHead(remote, key, context.signal);
        const places = await placesOf(context, keys);
        if (!yes) {
          for (const line of [
            ...placeLines(keys, places),
            ...linkLines(keys, linksTo(context, keys)),
          ])
            context.output.note(line, true);
          const what = keys.length === 1 ? 'an object' : count(keys.length, 'object');
          throw new AppError('usage', `This deletes ${what} in S3. Add --yes if that is meant`);
        }
        const { deleted, failed, left, recoverable } = await removeAll(context, remote, keys);
        const lines = failed.map(({ key, title }) => `${printable(key)}: ${title}.`);
        const tail = recoverable
          ? 'The bucket keeps what was deleted: pansea-sync undelete lists it, and brings it back where this account may.'
          : 'This cannot be undone.';
        lines.push(
          `${formatNumber(deleted.length)} deleted in S3. ${deleted.length > 0 ? tail : ''}`.trimEnd(),
        );
        lines.push(...left.map((key) => `Not deleted, as far as is known: ${printable(key)}`));
        lines.push(...filesLines(deleted, places));
        context.output.answer(
          {
            deleted,
            ...(failed.length > 0 && { failed }),
            ...(left.length > 0 && { left }),
            recoverable,
            files: Object.fromEntries(places),
          },
          lines.join('\n'),
        );
        if (left.length > 0) return EXIT.interrupted;
        return failed.length > 0 ? EXIT.someFailed : EXIT.done;
      }),
    );
};

/** Where the files are that these were sent from. Without a ledger nothing was sent from here. */
async function placesOf({ home, homePath }: Context, keys: readonly string[]): Promise<Places> {
  if (!existsSync(ledgerPath(homePath))) return new Map(keys.map((key) => [key, 'elsewhere']));
  const { database } = home();
  const jobs = jobStore(database, Date.now);
  const folders = folderStore(database, Date.now);
  const ledger = { jobs, folders, presence: peekPresence(folders, jobs) };
  const limit = pLimit(LOOKS_ABREAST);
  const looks = keys.map(async (key) => [key, await limit(placeOfFile, ledger, key)] as const);
  return new Map(await Promise.all(looks));
}

/** Before anything is deleted: of one what is known of its file, of several how many and which have none here. */
function placeLines(keys: readonly string[], places: Places): string[] {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return [filePlaceWords[places.get(only)!]];
  const alone = keys.filter((key) => places.get(key) !== 'here');
  const here = keys.length - alone.length;
  return [
    ...alone.slice(0, NAMED).map((key) => `${printable(key)}: ${filePlaceWords[places.get(key)!]}`),
    ...(alone.length > NAMED
      ? [`… and ${formatNumber(alone.length - NAMED)} more that may be the only copy.`]
      : []),
    ...(here > 0 ? [`Of ${formatNumber(here)} the file on this computer stays where it is.`] : []),
  ];
}

/** Those that work now, and end with what they lead to. */
function linksTo({ home, homePath, place }: Context, keys: readonly string[]): Link[] {
  const here = place();
  if (here === undefined || !existsSync(ledgerPath(homePath))) return [];
  const links = linkStore(home().database);
  return keys.flatMap((key) => links.workingOf(key, here, Date.now()));
}

function linkLines(keys: readonly string[], links: readonly Link[]): string[] {
  if (keys.length === 1) return [lostLinksText(links)];
  if (links.length === 0) return [];
  const verb = links.length === 1 ? 'that was made here stops' : 'that were made here stop';
  return [`${count(links.length, 'link')} ${verb} working. ${ALSO_ELSEWHERE}`];
}

/** Afterwards. */
function filesLines(deleted: readonly string[], places: Places): string[] {
  const here = deleted.filter((key) => places.get(key) === 'here').length;
  if (here === 0) return [];
  return [
    deleted.length === 1
      ? filePlaceWords.here
      : `Of ${formatNumber(here)} the file on this computer stays where it is.`,
  ];
}

type Deletion = Readonly<{
  deleted: string[];
  failed: { key: string; code: ErrorCode; title: string }[];
  /** Not known to be deleted when a person stopped it. */
  left: string[];
  /** Whether all that was deleted can be brought back. */
  recoverable: boolean;
}>;

/**
 * @throws AppError what kept the only key from being deleted; of several each failure is told beside what is gone.
 */
async function removeAll(
  { home, signal }: Context,
  remote: Remote,
  keys: readonly string[],
): Promise<Deletion> {
  const { database } = home();
  const jobs = jobStore(database, Date.now);
  const ledger = ledgerOf(database, jobs, Date.now);
  const deleted: string[] = [];
  const failed: Deletion['failed'] = [];
  let recoverable = true;
  let trouble: AppError | undefined;
  const left = [...keys];
  while (left.length > 0 && !signal.aborted) {
    const key = left.shift()!;
    try {
      // Trouble with the storage or the ledger would be the same for each of the rest.
      if (trouble !== undefined) throw trouble;
      const answer = await removeObject(remote, ledger, key, Date.now(), signal);
      recoverable = answer.recoverable && recoverable;
      deleted.push(key);
    } catch (error) {
      if (keys.length === 1) throw error;
      if (signal.aborted && !(error instanceof AppError)) {
        left.unshift(key);
        break;
      }
      const known = AppError.from(error);
      if (known.scope === 'storage' || known.code === 'unexpected') trouble = known;
      failed.push({ key, code: known.code, title: wordsOf(known.code, 'cli').title });
    }
  }
  return { deleted, failed, left, recoverable };
}
