/** @file What a person may have dropped on the window, and what is offered for it. */
import { printable } from '#shared/format.ts';
import type { ChosenFile } from '#shared/api/queue-view.ts';

type DroppedThing = Readonly<{
  name: string;
  isFolder: boolean;
  /** Empty when it is on no disk, `undefined` where no page is told. */
  path: string | undefined;
  sizeBytes: number;
}>;

/** The folder to offer, empty when it has to be typed; and what is to be said about it. */
export type Offer = Readonly<{ path: string; note: string }>;

/** Settings, by its name: `.env`, `school.env`, `.env.production`, `env.txt`. */
export function isEnvFile({ name, isFolder }: Pick<DroppedThing, 'name' | 'isFolder'>): boolean {
  return !isFolder && /^\.?env(\.[\w-]+)*$|\.env(\.txt)?$/i.test(name);
}

/** What can be uploaded by itself; nothing of it where a folder was dropped too. */
export function filesOf(things: readonly DroppedThing[]): ChosenFile[] {
  if (things.some(({ isFolder }) => isFolder)) return [];
  return things.flatMap(({ path, name, sizeBytes }) => (path ? [{ path, name, sizeBytes }] : []));
}

/** @param things At least one. */
export function offerFor(things: readonly DroppedThing[]): Offer {
  const folders = things.filter(({ isFolder }) => isFolder);
  const [first = things[0]] = folders;
  if (first?.path === undefined)
    return {
      path: '',
      note: 'A browser does not tell any page where a dropped folder is. Copy its path in the file manager, and paste it here.',
    };
  if (first.path === '')
    return {
      path: '',
      note: 'What was dropped is in no folder of this computer. Save it first, then choose the folder.',
    };
  if (!first.isFolder)
    return {
      path: parentOf(first.path),
      note: `Folders are followed, not single files: this is the one that holds “${printable(first.name)}”.`,
    };
  return {
    path: first.path,
    note:
      folders.length > 1
        ? `One folder at a time: this is the first of the ${folders.length} that were dropped.`
        : '',
  };
}

/** Of a file's path, with the separators of any system. A file on top of a disk is in that disk's root. */
function parentOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const parent = path.slice(0, end);
  return parent === '' || parent.endsWith(':') ? path.slice(0, end + 1) : parent;
}
