import { describe, expect, test } from 'vitest';
import { catalogue, type Trouble } from '../../shared/catalogue.ts';
import { AppError, errorCodes } from '../../shared/errors.ts';

const rows = Object.entries<Trouble>(catalogue);

describe('what people read about an error', () => {
  test.each(rows)('%s says what happened and what to do, in plain words', (code, row) => {
    for (const words of [row.title, row.remedy]) {
      expect(words.trim()).toBe(words);
      expect(words).not.toBe('');
      // No blame, no shouting, no error codes or names of the program's own.
      expect(words).not.toMatch(
        /!|\b(?:E[A-Z]{4,}|[345]\d\d|error code|exception|null|undefined)\b/,
      );
      expect(words).not.toMatch(/[A-Z][a-z]+[A-Z][a-z]+Error/);
      expect(code.includes('-') && words.includes(code)).toBe(false);
    }
    expect(row.title).toMatch(/^[A-Z][^.]*$/);
    expect(row.title.length).toBeLessThanOrEqual(70);
    expect(row.remedy).toMatch(/^[A-Z].*[.a-z]$/);
    expect(row.remedy.split('. ').length).toBeLessThanOrEqual(3);
  });

  test('names no variable, option or command: a window shows it, too', () => {
    const spoken = rows.filter(([, { title, remedy }]) =>
      /AWS_|PANSEA_|--|pansea-sync|\.env|environment/.test(`${title} ${remedy}`),
    );
    expect(spoken.map(([code]) => code)).toEqual([]);
  });

  test('says for every trouble on the way that the recording is safe or where it is', () => {
    const unsaid = rows
      .filter(([, { retry, scope }]) => scope === 'storage' && retry === 'backoff')
      .filter(([, { remedy }]) => !/safe on this computer/.test(remedy))
      .map(([code]) => code);
    expect(unsaid).toEqual([]);
  });
});

describe('an AppError', () => {
  test('carries the words and the rules of its row', () => {
    for (const code of errorCodes) {
      const { title, remedy, retry, scope, message } = new AppError(code);
      expect({ title, remedy, retry, scope, message }).toEqual({
        ...catalogue[code],
        message: catalogue[code].title,
      });
    }
  });

  test('keeps the detail, the cause and the request’s number for the log', () => {
    const cause = new Error('socket');
    const error = new AppError('offline', '/a/b', { cause, requestId: 'R1' });
    expect(error).toMatchObject({ name: 'AppError', message: '/a/b', cause, requestId: 'R1' });
  });
});
