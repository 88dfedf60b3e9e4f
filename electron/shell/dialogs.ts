/** @file The questions and notes that the shell itself puts to a person, and the desktop's own dialogs. */
import type {
  BrowserWindow,
  Dialog,
  FileFilter,
  MessageBoxOptions,
  MessageBoxReturnValue,
  OpenDialogOptions,
} from 'electron';
import { basename, join } from 'node:path';
import { count, formatNumber, printable } from '#shared/format.ts';
import type { AskedFile } from '#shared/api/migration-view.ts';
import { pauseText } from '#shared/pause.ts';
import type { Desktop } from '../engine/desktop.ts';
import type { Undone } from '../engine/window/status.ts';

type Ask = Pick<Dialog, 'showMessageBox' | 'showOpenDialog' | 'showSaveDialog'>;

const fileKinds: Record<AskedFile, FileFilter & { title: string }> = {
  mapping: { title: 'Choose the mapping', name: 'CSV', extensions: ['csv', 'txt'] },
  timetable: { title: 'Choose the timetable', name: 'CSV', extensions: ['csv', 'txt'] },
  plan: { title: 'Choose a plan', name: 'Plans', extensions: ['jsonl'] },
};

/** @param parent The window to stand before; none when there is none to be seen. */
export function createDialogs(dialog: Ask, parent: () => BrowserWindow | undefined) {
  function ask(options: MessageBoxOptions): Promise<MessageBoxReturnValue> {
    const window = parent();
    const shown = { noLink: true, ...options };
    return window === undefined
      ? dialog.showMessageBox(shown)
      : dialog.showMessageBox(window, shown);
  }

  /** @returns Whether the first button was pressed. */
  async function confirm(options: MessageBoxOptions): Promise<boolean> {
    return (await ask(options)).response === 0;
  }

  async function choose(options: OpenDialogOptions): Promise<readonly string[]> {
    const window = parent();
    const shown = { buttonLabel: 'Choose', ...options };
    const { filePaths } = await (window === undefined
      ? dialog.showOpenDialog(shown)
      : dialog.showOpenDialog(window, shown));
    return filePaths;
  }
  const chooseOne = async (options: OpenDialogOptions): Promise<string | undefined> =>
    (await choose(options))[0];

  return {
    confirmQuit: (undone: Undone): Promise<boolean> =>
      confirm({
        type: 'question',
        message: undoneText(undone),
        detail: `If you quit now, nothing is lost, and nothing goes up until Pan-Sea Sync is open again${goesOnText(undone)}`,
        buttons: ['Quit', 'Keep it open'],
        defaultId: 1,
        cancelId: 1,
      }),

    /** @returns Whether the window shall be loaded again. */
    tellWindowTrouble: (trouble: 'crashed' | 'hangs'): Promise<boolean> =>
      confirm({
        type: 'warning',
        message:
          trouble === 'crashed' ? 'The window stopped working' : 'The window does not answer',
        detail: 'Uploads are not affected: they go on without it.',
        buttons: trouble === 'crashed' ? ['Open it again'] : ['Open it again', 'Wait'],
        defaultId: 0,
        cancelId: trouble === 'crashed' ? 0 : 1,
      }),

    /**
     * @param offersStartup Whether to offer, too, that it starts with the computer.
     * @returns Whether that was wanted.
     */
    async tellOfTray(offersStartup: boolean): Promise<boolean> {
      const { checkboxChecked } = await ask({
        type: 'info',
        message: 'Pan-Sea Sync stays open in the tray',
        detail: 'Recordings go on being uploaded. To end it, choose Quit in its menu there.',
        buttons: ['OK'],
        ...(offersStartup ? { checkboxLabel: 'Start it with this computer, too' } : {}),
      });
      return checkboxChecked;
    },

    /** What was wanted of the system and did not come about, and the system’s reason. */
    tellOfStartup: (isWanted: boolean, reason: string): Promise<boolean> =>
      confirm({
        type: 'warning',
        message: isWanted
          ? 'Pan-Sea Sync does not start with this computer'
          : 'Pan-Sea Sync still starts with this computer',
        detail: `${reason} While it is open, recordings go on being uploaded.`,
        buttons: ['OK'],
      }),

    confirmScanner: (command: readonly string[] | undefined): Promise<boolean> =>
      confirm(
        command === undefined
          ? {
              type: 'question',
              message: 'Upload recordings without a virus scan?',
              detail: 'Nothing looks at them any more before they are uploaded.',
              buttons: ['Upload without', 'Cancel'],
              defaultId: 1,
              cancelId: 1,
            }
          : {
              type: 'question',
              message: 'Run this program on each recording before it is uploaded?',
              detail: command.map(printable).join('\n'),
              buttons: ['Run it', 'Cancel'],
              defaultId: 1,
              cancelId: 1,
            },
      ),

    chooseFolder: (): Promise<string | undefined> =>
      chooseOne({
        title: 'Choose a folder with recordings',
        properties: ['openDirectory', 'createDirectory'],
      }),

    chooseFiles: (): Promise<readonly string[]> =>
      choose({
        title: 'Choose files to upload',
        properties: ['openFile', 'multiSelections'],
      }),

    chooseFile(what: AskedFile): Promise<string | undefined> {
      const { title, ...kind } = fileKinds[what];
      const filters = [kind, { name: 'All files', extensions: ['*'] }];
      return chooseOne({ title, filters, properties: ['openFile'] });
    },

    /** @param folder Where downloads go unless the person says otherwise. */
    async chooseSavePath(folder: string, name: string): Promise<string | undefined> {
      const options = {
        title: 'Save',
        defaultPath: join(folder, plainName(name)),
        properties: ['createDirectory', 'showOverwriteConfirmation'] as (
          | 'createDirectory'
          | 'showOverwriteConfirmation'
        )[],
      };
      const window = parent();
      const { canceled, filePath } = await (window === undefined
        ? dialog.showSaveDialog(options)
        : dialog.showSaveDialog(window, options));
      return canceled || filePath === '' ? undefined : filePath;
    },
  };
}

const be = (files: number) => (files === 1 ? 'is' : 'are');

function undoneText({ moving, waiting }: Undone): string {
  if (moving === 0) return `${count(waiting, 'recording')} ${be(waiting)} still to go up`;
  const more = waiting === 0 ? '' : `, ${formatNumber(waiting)} more ${be(waiting)} still to go up`;
  return `${count(moving, 'recording')} ${be(moving)} on the way${more}`;
}

function goesOnText({ stands, isOverruled }: Undone): string {
  if (stands === undefined) return ': what was begun goes on the next time.';
  if (isOverruled)
    return `. Uploads are then ${pauseText(stands, Date.now())}: choose Send anyway again, or wait.`;
  const isForGood = stands.by === 'person' && stands.untilMs === null;
  const until = isForGood ? 'and stay so until you choose Resume all' : 'whether it is open or not';
  return `. Uploads are ${pauseText(stands, Date.now())}, ${until}.`;
}

/** Title and text of the last thing that is said when something inside failed that nobody expected. */
export function failureBox(error: unknown): [string, string] {
  return [
    'Pan-Sea Sync had to end',
    [
      'Something went wrong inside it.',
      'It changes and deletes no recording on this computer: what is not uploaded yet is still in its folder. Nothing is uploaded until it runs again.',
      'Start it again: uploads go on where they stopped. If it ends again, install it anew or show an admin the details; your list of recordings stays.',
      `Details: ${String(error)}`,
    ].join('\n\n'),
  ];
}

export type Dialogs = ReturnType<typeof createDialogs>;
type Services = Readonly<{
  revealFile: NonNullable<Desktop['revealFile']>;
  copyText: NonNullable<Desktop['copyText']>;
  isOnBattery: NonNullable<Desktop['isOnBattery']>;
  keys: NonNullable<Desktop['keys']>;
  downloads: () => string;
}>;

/** What this host adds to the engine. */
export function desktopOf(dialogs: Dialogs, services: Services): Desktop {
  const { revealFile, copyText, isOnBattery, keys, downloads } = services;
  return {
    revealFile,
    copyText,
    isOnBattery,
    keys,
    confirmScanner: (command) => dialogs.confirmScanner(command),
    chooseFolder: () => dialogs.chooseFolder(),
    chooseFiles: () => dialogs.chooseFiles(),
    chooseFile: (what) => dialogs.chooseFile(what),
    chooseSavePath: (name) => dialogs.chooseSavePath(downloads(), name),
  };
}

/** A name from the bucket leads nowhere. */
function plainName(name: string): string {
  const last = basename(name.replaceAll('\\', '/'));
  return /^\.*$/.test(last) ? 'recording' : last;
}
