/// <reference lib="dom" />
import { beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { follow, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Scrolls from top to bottom in many steps, one a frame. @returns The most rows the page held on the way. */
function scrollThrough(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const scroller = document.querySelector<HTMLElement>('.grid-scroll')!;
    let mostRows = 0;
    const STEPS = 180;
    for (let step = 1; step <= STEPS; step += 1) {
      scroller.scrollTop = (scroller.scrollHeight * step) / STEPS;
      await new Promise(requestAnimationFrame);
      mostRows = Math.max(mostRows, document.querySelectorAll('[role=row]').length);
    }
    return mostRows;
  });
}

test('ten thousand queued files scroll to the last, with some dozens of rows in the page', async () => {
  await using window = await openWindow();
  const { page, api, app, jobs, problems } = window;
  const folder = await follow(window);
  await api.setPaused({ isPaused: true });
  const { database } = app.host.storage();
  const store = jobs();
  database.transaction(() => {
    for (let i = 0; i < 10_000; i += 1)
      store.enqueue({
        folderId: folder.id,
        path: `${app.folder}/Lecture ${i}.mp3`,
        name: `Lecture ${i}.mp3`,
        sizeBytes: 1_000 + i,
        mtimeNs: String(i),
        contentType: 'audio/mpeg',
        destination: { kind: 'audio', classId: 'BIO-101', userId: 'teacher-7' },
        key: undefined,
        token: String(i),
        state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
      });
  })();
  await page.reload();
  await page.getByRole('tab', { name: 'All 10,000' }).waitFor();
  await page.getByRole('row', { name: /Lecture 9999\.mp3/ }).waitFor();
  const mostRows = await scrollThrough(page);
  await page.getByRole('row', { name: /Lecture 0\.mp3/ }).waitFor();
  expect(mostRows).toBeGreaterThan(10);
  expect(mostRows).toBeLessThanOrEqual(100);
  expect(problems).toEqual([]);
});

test('a hundred thousand listed objects scroll to the last', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  const index = objectIndex(app.host.storage().database);
  const seen = index.nextListing();
  const objects = Array.from({ length: 100_000 }, (_, i) => ({
    key: `audio/BIO-101/01a20b0d-d75b-705f-9734-${i.toString(16).padStart(12, '0')}.mp3`,
    sizeBytes: i + 1,
    lastModifiedMs: 1_700_000_000_000 + i * 1_000,
    storageClass: 'STANDARD',
  }));
  index.put(objects, seen);
  for (const i of [0, 99_999]) index.setName(objects[i]!.key, `Lecture ${i}.mp3`);
  index.finish(seen, Date.now());
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Lecture 99999\.mp3/ }).waitFor();
  const mostRows = await scrollThrough(page);
  await page.getByRole('row', { name: /Lecture 0\.mp3/ }).waitFor();
  expect(mostRows).toBeGreaterThan(10);
  expect(mostRows).toBeLessThanOrEqual(100);
  expect(problems).toEqual([]);
});
