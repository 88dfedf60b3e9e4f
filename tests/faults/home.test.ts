import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { recoveryFacts } from '../../electron/engine/home/recovery-record.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { catalogue, remedyOf, wordsOf } from '../../shared/troubles/catalogue.ts';
import { AppError } from '../../shared/errors.ts';
import { recoveryText } from '../../shared/recovery.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { homeRows, type HomeRow } from './home-rows.ts';

/** Opens a home, and closes it again. @returns What its owner sees of that, and which class its folder goes to. */
function look(path: string): { seen: HomeRow['seen'] | undefined; classId?: string | undefined } {
  try {
    const { database, close } = lockHome({ path });
    try {
      const [folder] = folderStore(database, Date.now).list();
      const classId = folder?.rule.kind === 'audio' ? folder.rule.classId : undefined;
      const facts = recoveryFacts(database);
      if (facts === undefined) return { seen: undefined, classId };
      const state = facts.reason === 'older' ? 'kept' : 'rebuilt';
      const says = recoveryText(facts) ?? '';
      return { seen: { state, code: facts.reason, next: 'itself', says }, classId };
    } finally {
      close();
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code } = error;
    const next = catalogue[code].retry === 'after-user' ? 'person' : 'itself';
    const says = `${wordsOf(code).title}. ${remedyOf(code)}`;
    return { seen: { state: 'refused', code, next, says } };
  }
}

test.each(homeRows)('row $row: $name', async ({ harm, seen }) => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const home = lockHome({ path });
  folderStore(home.database, Date.now).put(join(dir.path, 'recordings'), bioClass);
  home.close();
  expect(look(path)).toEqual({ seen: undefined, classId: 'bio-101' });
  const heal = await harm(path);
  expect(look(path).seen).toEqual(seen);
  await heal?.();
  // What a person has said is known as before.
  expect(look(path).classId).toBe('bio-101');
});
