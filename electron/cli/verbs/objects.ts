import { encryptionText } from '#shared/encryption.ts';
import { count, dateColumn, formatBytes, formatNumber, printable } from '#shared/format.ts';
import { AppError } from '#shared/errors.ts';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { objectIndex } from '../../engine/store/objects.ts';
import { noteDownloaded } from '../../engine/queue/downloaded.ts';
import { ledgerPath } from '../../engine/home/ledger-file.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { listed, mustHead, mustLook, objectFacts } from '../../engine/library/objects.ts';
import { findObject } from '../../engine/s3/find.ts';
import type { Context } from '../context.ts';
import { refreshWhenOld } from '../old-index.ts';
import { objectKey, whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';
import { stateText } from './restore.ts';

/** What `search` shows at most. */
const SEARCH_ROWS = 1_000;

const KEY = 'as list shows it';

export const objects: Verb = (program, run) => {
  program
    .command('list')
    .option('--prefix <prefix>', 'only keys that begin so')
    .option('--max-keys <n>', 'so many at most', whole(1), 1_000)
    .option('--all', 'all of them, however many')
    .action(
      run(
        async (
          context,
          { prefix = '', maxKeys, all }: { prefix?: string; maxKeys: number; all?: true },
        ) => {
          const { listObjects } = await import('../../engine/library/browse.ts');
          const remote = await context.remote();
          const nameOf = namesHere(context);
          const page = await listObjects(remote, prefix, all ? Infinity : maxKeys, context.signal);
          const views = page.objects.map((object) => listed(object, nameOf(object.key)));
          const more = page.truncated ? ['… and more: raise --max-keys, or use --all'] : [];
          context.output.answer(
            { objects: views, truncated: page.truncated },
            [...views.map(objectLine), ...more].join('\n') || 'Nothing there.',
          );
          return EXIT.done;
        },
      ),
    );

  program.command('search <words...>').action(
    run(async (context, words: string[]) => {
      const { database } = context.home();
      const index = await refreshWhenOld(context, database, async (remote, former) => {
        const { refreshIndex } = await import('../../engine/library/browse.ts');
        const { unnamed } = await refreshIndex(remote, former, Date.now, context.signal);
        if (unnamed > 0)
          context.output.note(
            `${count(unnamed, 'object')} ${unnamed === 1 ? 'is' : 'are'} not known by name yet.`,
          );
      });
      const { rows, total } = index.search(words, SEARCH_ROWS);
      const found = rows.map((row) => listed(row, row.name));
      const more = total - found.length;
      const lines = found.map(objectLine);
      if (more > 0)
        lines.push(`… and ${formatNumber(more)} more: add words that fewer recordings have`);
      const indexedAtMs = index.indexedAtMs(context.place());
      const indexedAt = indexedAtMs === undefined ? undefined : new Date(indexedAtMs).toISOString();
      context.output.answer(
        { objects: found, total, indexedAt },
        lines.join('\n') || 'Nothing found.',
      );
      return EXIT.done;
    }),
  );

  program
    .command('metadata')
    .argument('<key>', KEY, objectKey)
    .action(
      run(async (context, key: string) => {
        const info = await mustLook(await context.remote(), key, context.signal);
        const view = objectFacts(info);
        const facts = {
          size: formatBytes(info.sizeBytes),
          'storage class': view.storageClass,
          ...(info.readability.kind !== 'readable' && { archive: stateText(info.readability) }),
          encryption: info.encryption
            ? encryptionText(info.encryption, info.kmsKeyId)
            : 'the storage names none',
          ...info.metadata,
        };
        const lines = Object.entries(facts).map(
          ([name, value]) => `  ${name.padEnd(18)}${printable(value)}`,
        );
        context.output.answer(view, [printable(key), ...lines].join('\n'));
        return EXIT.done;
      }),
    );

  program
    .command('exists')
    .argument('<key>', KEY, objectKey)
    .action(
      run(async (context, key: string) => {
        const remote = await context.remote();
        const exists = (await findObject(remote, key, context.signal)) !== undefined;
        context.output.answer({ exists }, exists ? 'It exists.' : 'It does not exist.');
        return EXIT.done;
      }),
    );

  program
    .command('download')
    .argument('<key>', KEY, objectKey)
    .argument('[path]', 'the file, or a folder for it; default: its own name, here')
    .option('--overwrite', 'replace a file that is there')
    .action(
      run(
        async (
          context,
          key: string,
          path: string | undefined,
          { overwrite = false }: { overwrite?: boolean },
        ) => {
          const { downloadObject, localName } = await import('../../engine/library/download.ts');
          const remote = await context.remote();
          const info = await mustHead(remote, key, context.signal);
          const asked = context.toPath(path ?? '');
          const isFolder = (await stat(asked).catch(() => undefined))?.isDirectory();
          const target = isFolder ? join(asked, localName(info)) : asked;
          const { sizeBytes, verified } = await downloadObject({
            remote,
            info,
            target,
            overwrite,
            signal: context.signal,
            beforeSaved: (...files) => noteSaved(context, ...files),
          });
          context.output.answer(
            { path: target, sizeBytes, verified },
            `${printable(basename(target))}: ${formatBytes(sizeBytes)}, ${verified ? 'verified' : 'size checked; it carries no checksum to verify against'}.`,
          );
          return EXIT.done;
        },
      ),
    );
};

/** Names of what this computer knows. What is stored is listed without them, too. */
function namesHere({ home, output }: Context): (key: string) => string | null {
  try {
    return objectIndex(home().database).nameOf;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    output.note(`${error.title}: this is listed without the names that are known here.`, true);
    return () => null;
  }
}

/** Where there is no ledger, or none that opens, no folder is followed by it. */
async function noteSaved(
  { home, homePath, output }: Context,
  partial: string,
  target: string,
): Promise<void> {
  if (!existsSync(ledgerPath(homePath))) return;
  try {
    const { database } = home();
    const jobs = jobStore(database, Date.now);
    const folders = folderStore(database, Date.now);
    await noteDownloaded({ jobs, folders, nowMs: Date.now }, partial, target);
  } catch (error) {
    if (error instanceof AppError) return;
    output.note(
      `Warning: It could not be noted that ${printable(basename(target))} comes from the storage. In a watched folder it may be uploaded once more, to the class of that folder.`,
      true,
    );
  }
}

function objectLine({ key, sizeBytes, lastModified, name }: ReturnType<typeof listed>): string {
  return `${dateColumn(Date.parse(lastModified))}  ${formatBytes(sizeBytes).padStart(10)}  ${printable(key)}${name === undefined ? '' : `  ${printable(name)}`}`;
}
