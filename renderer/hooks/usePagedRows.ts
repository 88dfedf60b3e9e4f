import { useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

const PAGE = 100;
/** While a scrollbar is dragged through 100,000 rows, pages are asked for at this pace, not at each frame. */
const ASK_EVERY_MS = 120;

const RETRY_MS = 2_000;

type Page<Row> = Readonly<{ rows: readonly Row[]; total: number }>;

export type RowSource<Row> = Readonly<{
  /** Says what is listed; another key is another list. */
  queryKey: readonly unknown[];
  fetchPage: (offset: number, limit: number) => Promise<Page<Row>>;
}>;

/** The first page, which also says how many rows there are. */
export function useFirstPage<Row>({ queryKey, fetchPage }: RowSource<Row>) {
  return useQuery({
    queryKey: [...queryKey, 0],
    queryFn: () => fetchPage(0, PAGE),
  });
}

/** The rows of a long list, as far as they are here. Another object once any of them has changed. */
export type LoadedRows<Row> = Readonly<{
  /** `undefined` while its page is on its way. */
  at: (index: number) => Row | undefined;
  /** @returns The first index of such a row; -1 when there is none here. */
  indexOf: (isIt: (row: Row) => boolean) => number;
  /** Some pages may be newer than others: a row that goes from one to the next stands in both, or in neither. */
  isMixed: boolean;
}>;

/**
 * @param shown Which rows are in the page; may reach beyond the list's ends.
 * @param count How many rows the list has.
 * @param kept A row that is always here, wherever the list is scrolled to.
 */
export function usePagedRows<Row>(
  { queryKey, fetchPage }: RowSource<Row>,
  shown: Readonly<{ first: number; last: number }>,
  count: number,
  kept: number,
): LoadedRows<Row> {
  const pageOf = (index: number) => Math.floor(Math.max(0, Math.min(index, count - 1)) / PAGE);
  const wanted = useThrottled(pageOf(shown.first), pageOf(shown.last), ASK_EVERY_MS);
  const also = Math.floor(kept / PAGE);
  const numbers = useMemo(() => {
    const seen = Array.from({ length: wanted.to - wanted.from + 1 }, (_, i) => wanted.from + i);
    return [...new Set([...seen, also])];
  }, [wanted.from, wanted.to, also]);
  const { pages, isMixed } = useQueries({
    queries: numbers.map((number) => ({
      queryKey: [...queryKey, number],
      queryFn: () => fetchPage(number * PAGE, PAGE),
      // What keeps the first page away is said in the list's place; the others come as soon as they can.
      retry: number > 0,
      retryDelay: RETRY_MS,
    })),
    combine: (results) => ({
      pages: results.map((result) => result.data?.rows),
      isMixed: results.some((result) => result.isFetching),
    }),
  });
  return useMemo(
    () => ({
      at: (index) => pages[numbers.indexOf(Math.floor(index / PAGE))]?.[index % PAGE],
      indexOf(isIt) {
        for (const [i, rows] of pages.entries()) {
          const at = rows?.findIndex(isIt) ?? -1;
          if (at >= 0) return numbers[i]! * PAGE + at;
        }
        return -1;
      },
      isMixed,
    }),
    [pages, numbers, isMixed],
  );
}

/** The range as it was at most `ms` ago. */
function useThrottled(from: number, to: number, ms: number): { from: number; to: number } {
  const [range, setRange] = useState({ from, to });
  const changedAtMs = useRef(0);
  useEffect(() => {
    if (range.from === from && range.to === to) return undefined;
    const waitMs = Math.max(0, changedAtMs.current + ms - performance.now());
    const timer = setTimeout(() => {
      changedAtMs.current = performance.now();
      setRange({ from, to });
    }, waitMs);
    return () => clearTimeout(timer);
  }, [from, to, ms, range]);
  return range;
}
