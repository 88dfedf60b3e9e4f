/** @file Rows 5, 7 and 33 to 35 of the fault matrix: what can be the matter with the home, and what its opening says. */
import DatabaseConstructor from 'better-sqlite3';
import { copyFile, mkdir, open, rm, rmdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { lockHome } from '../../electron/engine/home/home.ts';

/** `refused`: nothing is opened, and nothing changed · `rebuilt`: made anew · `kept`: an older one is brought up to date. */
type Outcome = 'refused' | 'rebuilt' | 'kept';

export type HomeRow = Readonly<{
  row: number;
  name: string;
  /** @returns How it ends; nothing where the program itself has put it right. */
  harm: (home: string) => Promise<(() => unknown) | void>;
  seen: Readonly<{
    state: Outcome;
    code: string;
    /** `person` has to act first · `itself`: it goes on from there. */
    next: 'person' | 'itself';
    /** Empty where nobody needs to know. */
    says: string;
  }>;
}>;

const ledger = (home: string) => join(home, 'ledger.db');
const untouched = 'No recording on this computer was touched.';
const rebuilding = (what: string) =>
  `The list of recordings ${what} and is being rebuilt. Nothing is sent before the storage has said what it holds. Nothing is deleted.`;

function setVersion(home: string, version: number): void {
  const db = new DatabaseConstructor(ledger(home));
  db.pragma(`user_version = ${version}`);
  db.close();
}

export const homeRows: readonly HomeRow[] = [
  {
    row: 5,
    name: 'another one is at work in it',
    harm: async (home) => lockHome({ path: home }).close,
    seen: {
      state: 'refused',
      code: 'home-locked',
      next: 'person',
      says: `Another Pan-Sea Sync is already at work here. ${untouched} Use that one, or close it and try again.`,
    },
  },
  {
    row: 7,
    name: 'a newer version was here',
    async harm(home) {
      const db = new DatabaseConstructor(ledger(home));
      const before = db.pragma('user_version', { simple: true }) as number;
      db.close();
      setVersion(home, before + 1);
      return () => setVersion(home, before);
    },
    seen: {
      state: 'refused',
      code: 'home-newer',
      next: 'person',
      says: `This library was made by a newer version of Pan-Sea Sync. ${untouched} Update Pan-Sea Sync.`,
    },
  },
  {
    row: 33,
    name: 'a page of the ledger was overwritten',
    async harm(home) {
      const file = await open(ledger(home), 'r+');
      await file.write(Buffer.alloc(4_096, 0xa5), 0, 4_096, 4_096);
      await file.close();
    },
    seen: {
      state: 'rebuilt',
      code: 'damaged',
      next: 'itself',
      says: rebuilding('was damaged'),
    },
  },
  {
    row: 33,
    name: 'the ledger was cut off',
    harm: (home) => truncate(ledger(home), 4_096),
    seen: { state: 'rebuilt', code: 'damaged', next: 'itself', says: rebuilding('was damaged') },
  },
  {
    row: 34,
    name: 'the ledger is gone',
    harm: (home) => rm(ledger(home)),
    seen: { state: 'rebuilt', code: 'lost', next: 'itself', says: rebuilding('was missing') },
  },
  {
    row: 34,
    name: 'an old copy of the ledger was put back',
    async harm(home) {
      await copyFile(ledger(home), `${home}, old`);
      lockHome({ path: home }).close();
      await copyFile(`${home}, old`, ledger(home));
    },
    seen: { state: 'kept', code: 'older', next: 'itself', says: '' },
  },
  {
    row: 35,
    name: 'nothing can be written in it',
    async harm(home) {
      await rm(join(home, 'lock.db'));
      await mkdir(join(home, 'lock.db'));
      return () => rmdir(join(home, 'lock.db'));
    },
    seen: {
      state: 'refused',
      code: 'home-unusable',
      next: 'person',
      says: `The library cannot be opened. ${untouched} Check the permissions and the free space of the folder in the details.`,
    },
  },
];
