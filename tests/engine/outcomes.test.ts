import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { historyStore } from '../../electron/engine/store/history.ts';
import { outcomeStore } from '../../electron/engine/store/outcomes.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a hook that is set or removed while nothing can be written keeps no engine from opening', async () => {
  await using dir = await tempDir();
  const { database, close } = openHome({ path: dir.path });
  historyStore(database, Date.now).add({ kind: 'opened' });
  const outcomes = outcomeStore(database);
  database.pragma('query_only = ON');
  expect(() => outcomes.told(7)).toThrow('readonly');
  expect(outcomes.begin()).toBe(0);
  database.pragma('query_only = OFF');
  outcomes.told(0);
  database.pragma('query_only = ON');
  outcomes.forget();
  close();
});
