import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what an interrupted upload has sent already is not counted as left, and its row says where it goes on', async () => {
  await using window = await openWindow();
  const { page, app, api, storage, problems } = window;
  storage.bytesPerSecond = 4_000_000;
  await follow(window);
  await record(app.folder, 'Long.mkv', 64_000_000);
  const row = page.getByRole('row', { name: /Long\.mkv/ });
  const job = async () => {
    const { rows } = await api.listJobs({ filter: 'all', offset: 0, limit: 1 });
    return rows[0]!;
  };
  await row.waitFor();
  const sent = async () => (await job()).sentBytes;
  await expect.poll(sent, { timeout: 30_000 }).toBeGreaterThan(16_000_000);
  storage.isDown = true;
  await row.getByText(/^Goes on at \d{2,3} %$/).waitFor();
  const { state, sentBytes } = await job();
  expect([state, sentBytes > 16_000_000]).toEqual(['queued', true]);
  expect((await api.getStatus({})).bytesLeft).toBe(64_000_000 - sentBytes);
  await api.setPaused({ isPaused: true });
  await row.getByText(/^Paused/).waitFor();
  await row.getByText(/^Goes on at \d{2,3} %$/).waitFor();

  Object.assign(storage, { isDown: false, bytesPerSecond: Infinity });
  await api.setPaused({ isPaused: false });
  await api.tryStorageNow({});
  await stored(window, 1);
  expect((await api.getStatus({})).bytesLeft).toBe(0);
  expect(problems).toEqual([]);
});
