/** @file What happened here. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { historyStore } from '../../electron/engine/store/history.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { go, lectures, narrow, recordAll, shoot, shootOnce } from './support.ts';

const HOUR_MS = 3_600_000;

test('history', async () => {
  await using home = await openHome('noor');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page, app } = window;
  const { database } = app.host.storage();
  database.exec('DELETE FROM history');
  await go(page, 'History');
  await page.getByRole('heading', { name: 'Nothing has happened yet' }).waitFor();
  await shoot(page, 'history-empty');
  let nowMs = Date.now() - 14 * HOUR_MS;
  const history = historyStore(database, () => (nowMs += 7 * 60_000));
  history.add({ kind: 'opened' });
  history.add({ kind: 'folder-added', name: '/home/noor/Recordings', classId: 'BIO-101' });
  for (const name of lectures.slice(0, 4))
    history.add({ kind: 'verified', name, classId: 'BIO-101' });
  history.add({ kind: 'held', name: 'Microphone test.mp3', classId: 'BIO-101', code: 'empty' });
  history.add({
    kind: 'link',
    name: lectures[0],
    classId: 'BIO-101',
    number: Date.now() + HOUR_MS,
  });
  history.add({ kind: 'slept' });
  nowMs += 8 * HOUR_MS;
  history.add({ kind: 'woke' });
  history.add({ kind: 'storage-away', code: 'offline' });
  history.add({ kind: 'storage-back' });
  history.add({ kind: 'folder-away', name: '/media/noor/REC1' });
  history.add({ kind: 'failed', name: lectures[4], classId: 'BIO-101', code: 'access-denied' });
  await recordAll(window);
  await writeFile(join(app.folder, 'Second microphone test.mp3'), '');
  await page.getByText(/Second microphone test/).waitFor();
  await shoot(page, 'history');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'History');
  await onNarrow.getByText(/Second microphone test/).waitFor();
  await shootOnce(onNarrow, 'history-narrow');
});
