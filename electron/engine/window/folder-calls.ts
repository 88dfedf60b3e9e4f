/** @file The calls about folders that are followed. */
import type { Api } from '#shared/api.ts';
import { previewFolder } from '../queue/folder-preview.ts';
import { isSetFolder, mayFollow, mayLeave } from '../school/school.ts';
import { folderView, ruleFrom } from './views.ts';
import type { HandlerContext } from './handlers.ts';
import type { Folder } from '../store/folders.ts';

type FolderCalls = Pick<
  Api,
  'listFolders' | 'chooseFolder' | 'previewFolder' | 'saveFolder' | 'removeFolder'
>;

/** How long a window waits for a disk's answer. */
const PRESENCE_MS = 2_000;
export function createFolderCalls(context: HandlerContext): FolderCalls {
  const { session, desktop, places, signal } = context;

  const viewOf = async (folder: Folder) =>
    folderView(
      folder,
      await session().presence(folder, PRESENCE_MS),
      isSetFolder(context.school(), folder.path),
    );

  return {
    listFolders: () => Promise.all(session().folders.list().map(viewOf)),
    async chooseFolder() {
      const path = await desktop.chooseFolder?.();
      if (path !== undefined) places.show(path);
      return { path: path ?? null };
    },
    async previewFolder({ path, rule }) {
      await places.assertShown(path);
      return previewFolder(path, ruleFrom(rule), session().jobs, signal);
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
