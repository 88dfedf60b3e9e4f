/** @file What a host brings along: the desktop's services, and the demo's storage. */
import type { AskedFile } from '#shared/api/migration-view.ts';
import type { KeyVault } from './settings/typed-keys.ts';
import type { StorageSettings } from './s3/storage-settings.ts';
import type { FolderRule } from './store/folders.ts';

/** What a host adds to the engine. What is missing is left out of the interface, by `status.can`. */
export interface Desktop {
  revealFile?(path: string): void;
  /** `undefined` when the person closed the dialog. */
  chooseFolder?(): Promise<string | undefined>;
  /** Of what is to be uploaded; none when the person closed the dialog. */
  chooseFiles?(): Promise<readonly string[]>;
  chooseFile?(what: AskedFile): Promise<string | undefined>;
  /**
   * Where to save a download of that name; asks before it gives the name of a file that is there.
   * @param isTaken Whether another download is on its way to that path.
   */
  chooseSavePath(name: string, isTaken: (path: string) => boolean): Promise<string | undefined>;
  /** Whether this command may look at each recording; `undefined`: whether none does any more. */
  confirmScanner?(command: readonly string[] | undefined): Promise<boolean>;
  copyText?(text: string): Promise<void>;
  /** Whether the computer runs on battery; `undefined` where nobody can say. */
  isOnBattery?(): boolean | undefined;
  readonly keys?: KeyVault;
}

/** Storage for the demo: on this computer, with sample recordings arriving in a folder. */
export type Demo = Readonly<{
  settings: StorageSettings;
  /** The demo's own ledger: nothing of it gets into the real one. */
  homePath: string;
  folder: string;
  rule: FolderRule;
  /** Quick enough to watch, and longer than the demo's recorder pauses. */
  quietMs: number;
  /** Begins to record the samples; again is harmless. @returns Their paths, once all are there. */
  begin: () => Promise<string[]>;
  close: () => Promise<void>;
}>;
