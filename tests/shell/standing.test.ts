/** @file What is said to who does not look at the window. */
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import type { StatusView } from '../../shared/api.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { createNews, standingOf } from '../../electron/shell/standing.ts';

const calm = {
  safeToLeave: true,
  isUnused: false,
  isPaused: false,
  needYou: 0,
  refuted: 0,
  linksEnding: 0,
  overdue: null,
  linksEndingLastMs: null,
  restored: null,
  counts: {},
};
const not = { safeToLeave: false };

function status(given: Partial<StatusView> & Readonly<{ code?: ErrorCode }>): StatusView {
  const { code, ...rest } = given;
  const trouble = code && new AppError(code);
  const told = trouble && { code, title: trouble.title, remedy: trouble.remedy };
  const shown = told ? { ...told, detail: null, nextTryAtMs: null } : null;
  return { ...calm, trouble: shown, ...rest } as unknown as StatusView;
}

test.each([
  ['safe', {}],
  ['unknown', { isUnused: true }],
  ['working', { ...not, counts: { uploading: 1, queued: 9 } }],
  ['working', { ...not, counts: { verifying: 1 } }],
  ['waiting', { ...not, counts: { uploading: 1 }, isPaused: true }],
  ['waiting', { ...not, counts: { queued: 1 } }],
  ['waiting', { ...not, counts: { queued: 1 }, code: 'offline' }],
  ['attention', { ...not, counts: { uploading: 1, failed: 1 }, needYou: 1 }],
  ['attention', { ...not, counts: { queued: 1 }, code: 'sign-in-expired' }],
  ['attention', { isUnused: true, code: 'home-damaged' }],
] as const)('the icon says %s of %j', (standing, given) => {
  expect(standingOf(status(given))).toBe(standing);
});

const page = (needYou: number, refuted: number) =>
  createNews(() => 0)(status({ ...not, needYou, refuted }), false)?.page;

test('a note of what the storage has lost leads to the audit, one of anything else too to the queue', () => {
  expect([page(2, 2), page(2, 1), page(2, 0)]).toEqual(['settings/audit', 'queue', 'queue']);
});

test('recordings that need a person are told of once, and more of them an hour later at the soonest', () => {
  let nowMs = 0;
  const news = createNews(() => nowMs);
  const titles = (...numbers: number[]) =>
    numbers.map((needYou) => news(status({ ...not, needYou }), false)?.title);
  expect(titles(0, 1, 1, 2, 40)).toEqual([
    undefined,
    '1 recording needs you',
    undefined,
    undefined,
    undefined,
  ]);
  nowMs += 60 * 60_000;
  expect(titles(40, 41, 41)).toEqual(['40 recordings need you', undefined, undefined]);
  // Somebody has seen to all of them: what comes now is new.
  expect(titles(3, 0, 1)).toEqual([undefined, undefined, '1 recording needs you']);
});

test('what the person has seen in the window is not told as well', () => {
  const news = createNews(() => 0);
  const seen = { ...status({ ...not, needYou: 2, code: 'wrong-secret' }) };
  expect(news(seen, true)).toBe(undefined);
  expect(news(seen, false)).toBe(undefined);
});

test('a trouble that only a person can end is told when it begins, and one that passes is not', () => {
  const news = createNews(() => 0);
  const { title, remedy } = new AppError('sign-in-expired');
  const codes = ['offline', 'sign-in-expired', 'sign-in-expired', undefined, 'sign-in-expired'];
  const told = codes.map((code) =>
    news(status({ ...not, ...(code && { code: code as ErrorCode }) }), false),
  );
  const note = { title, text: remedy, page: 'queue' };
  expect(told).toEqual([undefined, note, undefined, undefined, note]);
});

test('that uploads have stood for days is told once a day, until they do not, and not to who sees it', () => {
  let nowMs = 0;
  const news = createNews(() => nowMs);
  const told = (overdue: string | null, isSeen = false) =>
    news(status({ ...not, overdue }), isSeen)?.text;
  const text = 'Nothing could be sent since 3 March.';
  expect([told(null), told(text), told(text)]).toEqual([undefined, text, undefined]);
  nowMs += 24 * 60 * 60_000;
  expect([told(text, true), told(text)]).toEqual([undefined, undefined]);
  nowMs += 24 * 60 * 60_000;
  expect([told(null), told(text)]).toEqual([undefined, text]);
});

test('links that end within a day are told of once nobody looks and nothing else is to be told, and lead to their page', () => {
  let nowMs = 0;
  const news = createNews(() => nowMs);
  const told = (linksEnding: number, isSeen = false, needYou = 0) =>
    news(status({ linksEnding, needYou }), isSeen);
  expect(told(2, true)).toBe(undefined);
  expect(told(2, false, 1)?.page).toBe('queue');
  expect(told(2)).toMatchObject({
    title: '2 links end within a day',
    text: expect.stringMatching(/^Renew those that/),
    page: 'links',
  });
  expect([told(2), told(3), told(1)]).toEqual([undefined, undefined, undefined]);
  nowMs += 12 * 60 * 60_000;
  expect([told(1), told(2)?.title]).toEqual([undefined, '2 links end within a day']);
});

test('a link that comes to its last day as another one ends is told of, though their number is as before', () => {
  let nowMs = 0;
  const news = createNews(() => nowMs);
  const told = (linksEndingLastMs: number) =>
    news(status({ linksEnding: 1, linksEndingLastMs }), false)?.title;
  const one = '1 link ends within a day';
  expect([told(DAY_MS), told(DAY_MS), told(DAY_MS + 1)]).toEqual([one, undefined, undefined]);
  nowMs = DAY_MS;
  expect([told(2 * DAY_MS), told(2 * DAY_MS)]).toEqual([one, undefined]);
  nowMs += DAY_MS;
  expect(told(2 * DAY_MS)).toBe(undefined);
});

test('that an archived recording can be read again is told to who waits for it, and leads to the library', () => {
  const news = createNews(() => 0);
  const told = (files: number) =>
    news(status({ restored: files === 0 ? null : { files, name: 'Cells.mp3' } }), false);
  expect(told(0)).toBe(undefined);
  const can = 'can be watched, downloaded and shared now.';
  expect(told(1)).toEqual({
    title: 'Cells.mp3 can be read again',
    text: `It ${can}`,
    page: 'library',
  });
  expect(told(1)).toBe(undefined);
  expect(told(3)).toMatchObject({
    title: 'Cells.mp3 and others can be read again',
    text: `They ${can}`,
  });
  expect(told(3)).toBe(undefined);
  // A library that is opened anew counts from none, also while somebody looks at it.
  expect(told(0)).toBe(undefined);
  expect(told(1)?.title).toBe('Cells.mp3 can be read again');
  news(status({ restored: null }), true);
  expect(told(1)?.title).toBe('Cells.mp3 can be read again');
});
