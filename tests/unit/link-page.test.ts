import { expect, test } from 'vitest';
import { linkPage } from '../../shared/link-page.ts';

const file = {
  name: 'Cells.mp3',
  sizeBytes: 1_500_000,
  url: 'https://b.test/k?X-Amz-Date=1&X-Amz-Signature=2',
  expiresAtMs: Date.UTC(2026, 11, 5, 4, 8, 59),
  mayEndSooner: false,
};

test('a page of links says of each file its name, its size and its end, and all of them together', () => {
  const page = linkPage(
    [file, { ...file, sizeBytes: 500_000, mayEndSooner: true }],
    'Asia/Singapore',
  );
  expect(page).toContain('<h1>2 recordings</h1>');
  expect(page).toContain('2 MB together');
  expect(page).toContain(
    '1.5 MB · works until <time datetime="2026-12-05T04:08:59.000Z">Saturday, 5 December 2026',
  );
  expect(page).toMatch(/at 12:08 GMT\+8<\/time><\/p>/);
  expect(page).toMatch(/GMT\+8<\/time> at most<\/p>/);
  expect(page).toContain('href="https://b.test/k?X-Amz-Date=1&#38;X-Amz-Signature=2"');
});

test('nothing in a name becomes markup, and nothing in the page loads or runs', () => {
  const name = `"><img src=x onerror='alert(1)'>&lt;\u202e</bdi><script>`;
  const page = linkPage([{ ...file, name }], 'UTC');
  expect(page).not.toMatch(/<(?:script|img|link|iframe)|onerror='|\u202e/);
  expect(page).toContain('&#60;script&#62;');
  expect(page).toContain(`default-src 'none'`);
});
