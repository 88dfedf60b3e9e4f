/** @file Any number of rows in little memory: page by page, so that what is read may be changed meanwhile. */

/** Rows of a page. */
export const PAGE = 1_000;

/** @param next The page behind a row; without one the first. */
export function* paged<T>(next: (last: T | undefined) => readonly T[]): Generator<T> {
  for (let rows = next(undefined); rows.length > 0; rows = next(rows.at(-1))) yield* rows;
}

/** In binary order of their paths. */
export const pagedByPath = <T extends { path: string }>(
  query: Readonly<{ all: (after: string) => readonly T[] }>,
): Generator<T> => paged((last) => query.all(last?.path ?? ''));
