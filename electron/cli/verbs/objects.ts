import { formatBytes, printable } from '#shared/format.ts';
import { AppError } from '#shared/errors.ts';
import { basename } from 'node:path';
import { objectIndex, type IndexedObject } from '../../engine/store/objects.ts';
import { linkStore } from '../../engine/store/links.ts';
import type { ObjectInfo, Remote } from '../../engine/s3/remote.ts';
import type { Context } from '../context.ts';
import { whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

/** An index this old is refreshed before it is searched. */
const INDEX_AGE_MS = 15 * 60_000;

export const objects: Verb = (program, run) => {
  program
    .command('list')
    .description('the bucket')
    .option('--prefix <prefix>', 'keys that begin so', '')
    .option('--max-keys <n>', 'at most', whole(1), 1_000)
    .option('--all', 'without a limit')
    .action(
      run(
        async (
          context,
          { prefix, maxKeys, all }: { prefix: string; maxKeys: number; all?: true },
        ) => {
          const { listObjects } = await import('../../engine/browse.ts');
          const remote = await context.remote();
          const index = objectIndex(context.home().database);
          const page = await listObjects(remote, prefix, all ? Infinity : maxKeys, context.signal);
          const views = page.objects.map((object) =>
            objectView({ ...object, name: index.nameOf(object.key) }),
          );
          const more = page.truncated ? ['… and more: raise --max-keys, or use --all'] : [];
          context.output.answer(
            { objects: views, truncated: page.truncated },
            [...views.map(objectLine), ...more].join('\n') || 'Nothing there.',
          );
          return EXIT.done;
        },
      ),
    );

  program
    .command('search <words...>')
    .description('by name, class or date, in the local index')
    .action(
      run(async (context, words: string[]) => {
        const index = objectIndex(context.home().database);
        await refreshWhenOld(context, index);
        const found = index.search(words, 1_000).rows.map(objectView);
        const indexedAtMs = index.indexedAtMs();
        const indexedAt =
          indexedAtMs === undefined ? undefined : new Date(indexedAtMs).toISOString();
        context.output.answer(
          { objects: found, indexedAt },
          found.map(objectLine).join('\n') || 'Nothing found.',
        );
        return EXIT.done;
      }),
    );

  program
    .command('metadata <key>')
    .description('what the storage keeps about an object')
    .action(
      run(async (context, key: string) => {
        const info = await mustHead(await context.remote(), key, context.signal);
        const view = metadataView(info);
        const lines = Object.entries(info.metadata).map(
          ([name, value]) => `  ${name.padEnd(18)}${printable(value)}`,
        );
        context.output.answer(
          view,
          [printable(key), `  ${'size'.padEnd(18)}${formatBytes(info.sizeBytes)}`, ...lines].join(
            '\n',
          ),
        );
        return EXIT.done;
      }),
    );

  program
    .command('exists <key>')
    .description('whether the bucket has it')
    .action(
      run(async (context, key: string) => {
        const exists = (await (await context.remote()).head(key, context.signal)) !== undefined;
        context.output.answer({ exists }, exists ? 'It exists.' : 'It does not exist.');
        return EXIT.done;
      }),
    );

  program
    .command('download <key> [path]')
    .description('to a file, verified')
    .option('--overwrite', 'replace a file that is there')
    .action(
      run(
        async (
          context,
          key: string,
          path: string | undefined,
          { overwrite = false }: { overwrite?: boolean },
        ) => {
          const { downloadObject, localName } = await import('../../engine/download.ts');
          const remote = await context.remote();
          const info = await mustHead(remote, key, context.signal);
          const target = context.toPath(path ?? localName(info));
          const { sizeBytes, verified } = await downloadObject({
            remote,
            info,
            target,
            overwrite,
            signal: context.signal,
          });
          context.output.answer(
            { path: target, sizeBytes, verified },
            `${printable(basename(target))}: ${formatBytes(sizeBytes)}, ${verified ? 'verified' : 'size checked; it carries no checksum to verify against'}.`,
          );
          return EXIT.done;
        },
      ),
    );

  program
    .command('delete <key...>')
    .description('in S3 only; files on this computer stay')
    .option('--yes', 'really')
    .action(
      run(async (context, keys: string[], { yes = false }: { yes?: boolean }) => {
        if (!yes)
          throw new AppError(
            'usage',
            `This deletes ${keys.length === 1 ? 'an object' : `${keys.length} objects`} in S3. Add --yes if that is meant`,
          );
        const remote = await context.remote();
        const { database } = context.home();
        const deleted: string[] = [];
        let recoverable = true;
        // All are looked up before the first is deleted: a typing mistake deletes nothing.
        for (const key of keys) await mustHead(remote, key, context.signal);
        for (const key of keys) {
          recoverable = (await remote.deleteObject(key, context.signal)).recoverable && recoverable;
          deleted.push(key);
          linkStore(database).kill(key, Date.now());
          objectIndex(database).remove(key);
        }
        const tail = recoverable
          ? 'An older version is kept in the bucket and can be brought back.'
          : 'This cannot be undone.';
        context.output.answer({ deleted, recoverable }, `${deleted.length} deleted in S3. ${tail}`);
        return EXIT.done;
      }),
    );
};

/** @throws AppError `no-object` */
async function mustHead(remote: Remote, key: string, signal: AbortSignal): Promise<ObjectInfo> {
  const info = await remote.head(key, signal);
  if (info === undefined) throw new AppError('no-object', key);
  return info;
}

/** An old index is better than none: when the storage cannot be reached, the answer says how old it is. */
async function refreshWhenOld(
  context: Context,
  index: ReturnType<typeof objectIndex>,
): Promise<void> {
  const indexedAtMs = index.indexedAtMs();
  if (indexedAtMs !== undefined && Date.now() - indexedAtMs < INDEX_AGE_MS) return;
  try {
    const { refreshIndex } = await import('../../engine/browse.ts');
    const { unnamed } = await refreshIndex(await context.remote(), index, Date.now, context.signal);
    if (unnamed > 0) context.output.note(`${unnamed} objects are not known by name yet.`);
  } catch (error) {
    if (indexedAtMs === undefined || !(error instanceof AppError)) throw error;
    context.output.note(
      `${error.title}. This is what was there on ${new Date(indexedAtMs).toLocaleString()}.`,
    );
  }
}

function objectView({ key, sizeBytes, lastModifiedMs, storageClass, name }: IndexedObject) {
  const lastModified = new Date(lastModifiedMs).toISOString();
  return { key, sizeBytes, lastModified, storageClass, ...(name === null ? {} : { name }) };
}

function objectLine({ key, sizeBytes, lastModified, name }: ReturnType<typeof objectView>): string {
  return `${lastModified.slice(0, 10)}  ${formatBytes(sizeBytes).padStart(10)}  ${printable(key)}${name === undefined ? '' : `  ${printable(name)}`}`;
}

function metadataView(info: ObjectInfo) {
  const { key, sizeBytes, contentType, metadata, crc32, storageClass, versionId } = info;
  const checksum =
    crc32 === undefined ? undefined : { type: 'CRC32', value: crc32.toString(16).padStart(8, '0') };
  return {
    key,
    sizeBytes,
    contentType,
    metadata,
    checksum,
    storageClass: storageClass ?? 'STANDARD',
    versionId,
  };
}
