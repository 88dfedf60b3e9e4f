import { AppError } from '#shared/errors.ts';
import { count, dateColumn, formatBytes, isoTime, printable } from '#shared/format.ts';
import { checkId } from '#shared/recording.ts';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import type { Returned } from '../../engine/library/bring-back.ts';
import type { DeletedObject } from '../../engine/library/deleted.ts';
import type { Remote } from '../../engine/s3/remote.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { objectIndex } from '../../engine/store/objects.ts';
import type { Context } from '../context.ts';
import { classOption, whole } from '../options.ts';
import { EXIT, type ExitCode } from '../output.ts';
import type { Verb } from '../program.ts';

type Options = Readonly<{ class?: string; all?: true; confirm?: number }>;
type Named = DeletedObject & Readonly<{ name: string | undefined }>;

export const undelete: Verb = (program, run) => {
  program
    .command('undelete')
    .argument('[what...]', 'keys or names of deleted recordings; without any they are listed')
    .addOption(classOption())
    .option('--all', 'all deleted recordings of the class')
    .option('--confirm <n>', 'with --all: how many they are, as it was said', whole(1))
    .action(
      run(async (context, what: string[], options: Options) => {
        const { all, confirm } = options;
        if (all && (options.class === undefined || what.length > 0))
          throw new AppError('usage', '--all needs --class ID, and no names');
        if (confirm !== undefined && !all) throw new AppError('usage', '--confirm goes with --all');
        const remote = await context.remote();
        const prefix = options.class === undefined ? '' : `audio/${checkId(options.class)}/`;
        if (all) return bringClassBack(context, remote, prefix, confirm);
        if (what.length === 0) return show(context, remote, prefix);
        return bringBack(context, remote, await chosen(context, remote, prefix, what));
      }),
    );
};

/** The deleted ones below a prefix, a page at a time. @param isNamed Each name may be a request of its own. */
async function* pages(
  context: Context,
  remote: Remote,
  prefix: string,
  isNamed = true,
): AsyncGenerator<Named[]> {
  const { deletedNames, deletedPage } = await import('../../engine/library/deleted.ts');
  const index = objectIndex(context.home().database);
  const { output, signal } = context;
  let looked = 0;
  let from;
  do {
    const page = await deletedPage(remote, prefix, from, signal);
    const names = await deletedNames(remote, index.nameOf, isNamed ? page.deleted : [], signal);
    looked += page.looked;
    output.progress(() => `${count(looked, 'version')} looked at`);
    yield page.deleted.map((one) => ({ ...one, name: names.get(one.key) }));
    from = page.next;
  } while (from !== undefined);
  output.progress('');
}

async function show(context: Context, remote: Remote, prefix: string): Promise<ExitCode> {
  const { keepsVersions } = await import('../../engine/library/deleted.ts');
  const { output, signal } = context;
  const versioning = await keepsVersions(remote, signal);
  const document = output.document('deleted');
  let total = 0;
  for await (const page of pages(context, remote, prefix))
    for (const one of page) {
      total += 1;
      await document.item(view(one), line(one));
    }
  const none =
    versioning === 'off'
      ? 'This bucket keeps no old versions: what is deleted in it is gone.'
      : 'Nothing that was deleted is still kept.';
  const some = `${count(total, 'deleted recording')}. To bring some back: pansea-sync undelete KEY or NAME`;
  document.end({ total, versioning }, total === 0 ? none : some);
  return EXIT.done;
}

/** @throws AppError `usage` for a name that several have · `nothing-kept` */
async function chosen(
  context: Context,
  remote: Remote,
  prefix: string,
  what: readonly string[],
): Promise<string[]> {
  const { deletedObject } = await import('../../engine/library/deleted.ts');
  const keys = new Set<string>();
  const names = new Map<string, string[]>();
  for (const word of new Set(what))
    if (await deletedObject(remote, word, context.signal)) keys.add(word);
    else names.set(word, []);
  // A key that is there already is put right in the ledger; it is no name.
  for (const word of names.keys())
    if (word.includes('/') && (await remote.head(word, context.signal))) {
      keys.add(word);
      names.delete(word);
    }
  if (names.size > 0)
    for await (const page of pages(context, remote, prefix))
      for (const { key, name } of page) names.get(name ?? '')?.push(key);
  for (const [name, [first, ...others]] of names) {
    if (first === undefined) throw new AppError('nothing-kept', name);
    if (others.length > 0)
      throw new AppError(
        'usage',
        `Several deleted recordings are called ${name}. Name one by its key: ${[first, ...others].join(', ')}`,
      );
    keys.add(first);
  }
  return [...keys];
}

async function bringClassBack(
  context: Context,
  remote: Remote,
  prefix: string,
  confirm: number | undefined,
): Promise<ExitCode> {
  const keys: string[] = [];
  for await (const page of pages(context, remote, prefix, false))
    keys.push(...page.map(({ key }) => key));
  if (keys.length === 0) throw new AppError('nothing-kept', prefix);
  if (confirm !== keys.length)
    throw new AppError(
      'usage',
      `This brings ${count(keys.length, 'deleted recording')} back. Add --confirm ${keys.length} if that is meant`,
    );
  return bringBack(context, remote, keys);
}

async function bringBack(
  context: Context,
  remote: Remote,
  keys: readonly string[],
): Promise<ExitCode> {
  const { bringAllBack, ledgerOf } = await import('../../engine/library/bring-back.ts');
  const { database } = context.home();
  const jobs = jobStore(database, Date.now);
  const ledger = ledgerOf(database, jobs, Date.now);
  return tell(context, await bringAllBack(remote, ledger, keys, context.signal));
}

function tell({ output }: Context, { restored, failed, left }: Returned): ExitCode {
  const failures = failed.map(({ key, code }) => ({
    key,
    code,
    title: wordsOf(code, 'cli').title,
  }));
  output.answer(
    {
      restored,
      ...(failures.length > 0 && { failed: failures }),
      ...(left.length > 0 && { left }),
    },
    [
      ...failures.map(({ key, title }) => `${printable(key)}: ${title}.`),
      `${restored.length} brought back in S3.${restored.length > 0 ? ' Links to what is back work again until they end.' : ''}`,
      ...left.map((key) => `Not brought back, as far as is known: ${printable(key)}`),
    ].join('\n'),
  );
  if (left.length > 0) return EXIT.interrupted;
  return failed.length > 0 ? EXIT.someFailed : EXIT.done;
}

const view = ({ key, name, sizeBytes, storedAtMs, deletedAtMs, markerId }: Named) => ({
  key,
  ...(name === undefined ? {} : { name }),
  sizeBytes,
  storedAt: isoTime(storedAtMs),
  deletedAt: isoTime(deletedAtMs),
  recoverable: markerId !== 'null',
});

function line({ key, name, sizeBytes, deletedAtMs, markerId }: Named): string {
  const only = markerId === 'null' ? '  (only an admin, in the storage’s console)' : '';
  return `deleted ${dateColumn(deletedAtMs)}  ${formatBytes(sizeBytes).padStart(10)}  ${printable(key)}${name === undefined ? '' : `  ${printable(name)}`}${only}`;
}
