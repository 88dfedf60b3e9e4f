/** @file The calls about folders that are followed. */
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { holds } from '#shared/troubles/holds.ts';
import type { Hold } from '#shared/job.ts';
import { breach } from '#shared/limits.ts';
import { objectKeyFor, shelfWords } from '#shared/recording.ts';
import { destinationOf } from '../queue/targets.ts';
import { isConnected, scanFolder, type Sighting } from '../watch/scan.ts';
import { isSetFolder, mayFollow, mayLeave } from '../school/school.ts';
import { folderView, ruleFrom } from './views.ts';
import type { HandlerContext } from './handlers.ts';
import type { Folder } from '../store/folders.ts';
import type { Job } from '../store/jobs.ts';

type FolderCalls = Pick<
  Api,
  'listFolders' | 'chooseFolder' | 'previewFolder' | 'saveFolder' | 'removeFolder'
>;

/** How long a window waits for a disk's answer. */
const PRESENCE_MS = 2_000;
/** Files that a preview shows, and that it looks at. */
const PREVIEW_FILES = 50;
const PREVIEW_LOOKS = 5_000;

export function createFolderCalls(context: HandlerContext): FolderCalls {
  const { session, desktop, places, signal } = context;

  const viewOf = async (folder: Folder) =>
    folderView(
      folder,
      await session().presence(folder, PRESENCE_MS),
      isSetFolder(context.school(), folder.path),
    );

  /** A version that the storage has is not sent by another rule. */
  function storedIn(sighting: Sighting): string | null {
    const stored = session().jobs.ofVersion(sighting).findLast(hasObject);
    return stored?.destination ? shelfWords(stored.destination) : null;
  }

  return {
    listFolders: () => Promise.all(session().folders.list().map(viewOf)),
    async chooseFolder() {
      const path = await desktop.chooseFolder?.();
      if (path !== undefined) places.show(path);
      return { path: path ?? null };
    },
    async previewFolder({ path, rule }) {
      await places.assertShown(path);
      if (!(await isConnected(path)))
        throw new AppError('bad-folder', `${path}: there is no such folder`);
      const folder: Folder = { id: 0, path, rule: ruleFrom(rule), addedAtMs: 0 };
      const to = destinationOf(folder.rule);
      const files: Awaited<ReturnType<Api['previewFolder']>>['files'] = [];
      const skipped: { name: string; reason: string }[] = [];
      let total = 0;
      for await (const found of scanFolder(folder, signal)) {
        const name = (found.kind === 'file' ? found.sighting.path : found.path).slice(
          path.length + 1,
        );
        if (found.kind === 'skipped') {
          if (skipped.length < PREVIEW_FILES) skipped.push({ name, reason: found.reason });
          continue;
        }
        total += 1;
        const { sighting } = found;
        const { sizeBytes } = sighting;
        if (files.length < PREVIEW_FILES)
          files.push({
            name,
            sizeBytes,
            key: to ? objectKeyFor(to, '{uuid}', name) : null,
            kept: keptText(breach(folder.rule, { name, sizeBytes })),
            storedIn: storedIn(sighting),
          });
        if (total >= PREVIEW_LOOKS) break;
      }
      return { files, skipped, total };
    },
    async saveFolder({ path, rule }) {
      mayFollow(context.school(), path, ruleFrom(rule));
      await places.assertShown(path);
      return viewOf(await session().saveFolder(path, ruleFrom(rule)));
    },
    async removeFolder({ id }) {
      const folder = session()
        .folders.list()
        .find((known) => known.id === id);
      if (!folder) return {};
      mayLeave(context.school(), folder.path);
      session().folders.remove(folder.path);
      session().engine?.foldersChanged();
      return {};
    },
  };
}

const hasObject = ({ state }: Job): boolean =>
  ['uploaded', 'verifying', 'verified'].includes(state.kind);

/** What a preview says of a file that its folder's limits keep. */
function keptText(hold: Hold | undefined): string | null {
  return hold === undefined ? null : [holds[hold.reason].title, hold.detail].join('. ');
}
