import type { Command } from 'commander';
import { count, formatNumber, printable } from '#shared/format.ts';
import { AppError } from '#shared/errors.ts';
import { isSame, shelfOf } from '#shared/recording.ts';
import { classNotes, type StorageClass } from '#shared/storage-class.ts';
import { createIntake } from '../../engine/queue/intake.ts';
import { previewFolder } from '../../engine/queue/folder-preview.ts';
import { createRules } from '../../engine/queue/rules.ts';
import { destinationOf } from '../../engine/queue/targets.ts';
import { peekPresence, type Presence } from '../../engine/watch/presence.ts';
import { folderState } from '../../engine/window/views.ts';
import { mayFollow, mayLeave } from '../../engine/school/school.ts';
import { folderRule, folderStore, type Folder } from '../../engine/store/folders.ts';
import type { StoredFile } from '../../engine/store/folder-jobs.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { assertWatchable } from '../../engine/watch/watchable.ts';
import {
  bytes,
  classIdFrom,
  classOption,
  collect,
  kindOption,
  storageClassOption,
  types,
  userIdFrom,
  userOption,
  type PlaceOptions,
} from '../options.ts';
import { EXIT } from '../output.ts';
import type { Run, Verb } from '../program.ts';

type AddOptions = PlaceOptions &
  Readonly<{
    include?: string[];
    exclude?: string[];
    types?: string[];
    minSize?: number;
    maxSize?: number;
    storageClass: StorageClass;
    dryRun?: boolean;
  }>;

const STATES = {
  connected: '',
  'not-connected': 'not connected',
  other:
    'another folder or disk is in its place: nothing of it is uploaded; if it is meant, run folders add again',
  silent: 'does not answer',
} as const;

export const NO_FOLDER =
  'No folder is watched yet. Add one: pansea-sync folders add PATH --class ID';

export const folders: Verb = (program, run) => {
  const verb = program.command('folders');
  for (const one of [add, list, remove]) one(verb, run);
};

function add(verb: Command, run: Run): void {
  verb
    .command('add <path>')
    .description('watch a folder, or give a watched one a new rule')
    .addOption(classOption())
    .addOption(kindOption())
    .addOption(userOption())
    .option('--include <glob>', 'only these files, below the folder (repeatable)', collect)
    .option('--exclude <glob>', 'not these files (repeatable)', collect)
    .option('--types <endings>', 'only these types, such as mp3,wav; others are held', types)
    .option('--min-size <size>', 'what is smaller is held, such as 100kB', bytes)
    .option('--max-size <size>', 'what is larger is held, such as 2GB', bytes)
    .addOption(storageClassOption())
    .option('--dry-run', 'show the first files and where they would go, and change nothing')
    .action(
      run(async (context, path: string, options: AddOptions) => {
        const userId = userIdFrom(options);
        const classId = classIdFrom(options);
        const { dryRun = false } = options;
        const { database, path: homePath } = dryRun ? context.home() : context.lockedHome();
        const store = folderStore(database, Date.now);
        const place = await assertWatchable(context.toPath(path), store, homePath);
        const {
          kind,
          include = [],
          exclude = [],
          types: taken,
          minSize,
          maxSize,
          storageClass,
        } = options;
        const rule = folderRule.parse({
          kind,
          classId,
          userId,
          include,
          exclude,
          types: taken,
          minBytes: minSize,
          maxBytes: maxSize,
          storageClass: storageClass === 'STANDARD' ? undefined : storageClass,
        });
        mayFollow(context.school(), place.path, rule);
        const jobs = jobStore(database, Date.now);
        if (dryRun) {
          const preview = await previewFolder(place.path, rule, jobs, context.signal);
          context.output.answer(preview, previewText(preview));
          return EXIT.done;
        }
        jobs.recover(); // The home is ours: nothing runs, whatever a crash has left behind.
        const rules = createRules({ jobs, folders: store, intake: createIntake(jobs, Date.now) });
        const before = store.list().find((known) => known.path === place.path)?.rule;
        const isMoved = before && !isSame(destinationOf(before), destinationOf(rule));
        const folder = await rules.put(place, rule);
        const view = folderView(folder, 'here');
        const goesTo =
          kind === 'audio'
            ? classId
              ? `class ${classId}`
              : 'no class yet: recordings are held until you give one'
            : kind;
        for (const note of classNotes(storageClass))
          context.output.note(`${storageClass}: ${note}`);
        const to = destinationOf(rule);
        const stays = to && isMoved && staysText(jobs.storedElsewhere(folder.id, shelfOf(to)));
        if (stays) context.output.note(stays);
        context.output.answer(
          { folders: [view] },
          `Watching ${printable(place.path)} (${goesTo}).`,
        );
        return EXIT.done;
      }),
    );
}

type Preview = Awaited<ReturnType<typeof previewFolder>>;

function previewText({ files, skipped, total, leftOut, isCutOff }: Preview): string {
  const lines = files.map(({ name, key, kept, storedIn }) => {
    const goes =
      storedIn !== null
        ? `stored in ${storedIn} already, and stays there`
        : kept !== null
          ? `waits for you. ${kept}`
          : (key?.replace('{uuid}', '[id]') ?? 'waits for a class');
    return `${printable(name)}  ${printable(goes)}`;
  });
  const most = isCutOff ? 'at least ' : '';
  const [more, moreLeft] = [total - files.length, leftOut - skipped.length];
  const left = skipped.map(({ name, reason }) => `${printable(name)}  left out: ${reason}`);
  return [
    ...(total === 0 ? ['There is no file in it now that would be uploaded.'] : lines),
    ...(more > 0 ? [`and ${most}${count(more, 'more file')}`] : []),
    ...left,
    ...(moreLeft > 0 ? [`and ${most}${formatNumber(moreLeft)} more left out`] : []),
    'Nothing was changed.',
  ].join('\n');
}

/** It may be right there, as of another term: only a person knows. */
function staysText(stored: readonly StoredFile[]): string | undefined {
  if (stored.length === 0) return undefined;
  const files = new Set(stored.map(({ path }) => path)).size;
  const owners = [...new Set(stored.map(({ owner }) => owner))].join(', ');
  const it = files === 1 ? 'it' : 'them';
  return `${count(files, 'recording')} of it stored in ${owners} ${files === 1 ? 'stays' : 'stay'} there. If that was a mistake, send ${it} again with: pansea-sync upload`;
}

function list(verb: Command, run: Run): void {
  verb
    .command('list')
    .description('what is watched')
    .action(
      run(async (context) => {
        const { database } = context.home();
        const store = folderStore(database, Date.now);
        const presence = peekPresence(store, jobStore(database, Date.now));
        const views = await Promise.all(
          store.list().map(async (folder) => folderView(folder, await presence(folder))),
        );
        const lines = views.map(({ path, kind, classId, storageClass, state }) =>
          [printable(path), classId ?? kind, usual(storageClass), STATES[state]]
            .filter(Boolean)
            .join('  '),
        );
        context.output.answer({ folders: views }, lines.join('\n') || NO_FOLDER);
        return EXIT.done;
      }),
    );
}

function remove(verb: Command, run: Run): void {
  verb
    .command('remove <path>')
    .description('stop watching; files and objects stay')
    .action(
      run(async (context, path: string) => {
        const { database } = context.lockedHome();
        const folderPath = context.toPath(path);
        mayLeave(context.school(), folderPath);
        if (!folderStore(database, Date.now).remove(folderPath))
          throw new AppError('usage', `${folderPath} is not watched; folders list shows what is`);
        context.output.answer(
          { removed: folderPath },
          `No longer watching ${printable(folderPath)}. Its files and what is in S3 stay as they are.`,
        );
        return EXIT.done;
      }),
    );
}

/** The usual class is not worth a word. */
const usual = (storageClass: StorageClass) => (storageClass === 'STANDARD' ? '' : storageClass);

function folderView({ id, path, rule }: Folder, presence: Presence) {
  const { classId = null, storageClass = 'STANDARD', ...rest } = rule;
  return { id, path, ...rest, classId, storageClass, state: folderState[presence] };
}
