import { describe, expect, test } from 'vitest';
import { catalogue, remedyOf } from '../../shared/troubles/catalogue.ts';
import { AppError, errorCodes } from '../../shared/errors.ts';

describe('an AppError', () => {
  test('carries the words and the rules of its row', () => {
    for (const code of errorCodes) {
      const error = new AppError(code);
      const { title, retry, scope } = catalogue[code];
      expect(error).toMatchObject({ title, retry, scope, message: title });
      expect(error.remedy).toBe(remedyOf(code));
    }
  });

  test('keeps the detail, the cause and the request’s number for the log', () => {
    const cause = new Error('socket');
    const error = new AppError('offline', '/a/b', { cause, requestId: 'R1' });
    expect(error).toMatchObject({ name: 'AppError', message: '/a/b', cause, requestId: 'R1' });
  });

  test('is what anything else becomes; a full disk under the ledger is said to be that', () => {
    const ours = new AppError('offline');
    expect(AppError.from(ours)).toBe(ours);
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    expect(AppError.from(full)).toMatchObject({ code: 'disk-full', cause: full });
    expect(AppError.from('odd')).toMatchObject({ code: 'unexpected', message: 'odd' });
  });
});
