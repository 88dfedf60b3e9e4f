import { useLayoutEffect, useRef } from 'react';
import type { LoadedRows } from './usePagedRows.ts';

type Id = string | number;

type Options<Row> = Readonly<{
  rows: LoadedRows<Row>;
  idOf: (row: Row) => Id;
  /** The row on top of what is seen, and the one in the tab order. */
  first: number;
  current: number;
  /** What is seen has moved down by so many rows. */
  onMoved: (rows: number) => void;
  onCurrentMoved: (index: number) => void;
}>;

/**
 * When rows come or go above, what is being read stays in its place and the focus on its row, so that a
 * click meets the row it was meant for. On top of the list nothing is held: there the newest is to be seen.
 */
export function useSteadyRows<Row>(options: Options<Row>): void {
  const { rows, idOf, first, current, onMoved, onCurrentMoved } = options;
  const before = useRef<{ rows: LoadedRows<Row>; first: Mark; current: Mark }>(undefined);
  useLayoutEffect(() => {
    const idAt = (index: number): Id | undefined => {
      const row = rows.at(index);
      return row && idOf(row);
    };
    const indexOf = (id: Id) => rows.indexOf((row) => idOf(row) === id);
    const moved = ({ id, index }: Mark): number => {
      const now = id === undefined ? -1 : indexOf(id);
      return now < 0 ? 0 : now - index;
    };
    const was = before.current;
    let by = { first: 0, current: 0 };
    if (was && was.rows !== rows) {
      by = { first: was.first.index > 0 ? moved(was.first) : 0, current: moved(was.current) };
      if (by.first !== 0) onMoved(by.first);
      if (by.current !== 0) onCurrentMoved(was.current.index + by.current);
    }
    const mark = (index: number, last: Mark | undefined): Mark => {
      const isAway = last?.index === index && last.id !== undefined && indexOf(last.id) < 0;
      // It comes with the next page, if it is still there: nobody has left it for the one in its place.
      return isAway && rows.isMixed ? last : { id: idAt(index), index };
    };
    before.current = {
      rows,
      first: mark(first + by.first, was?.first),
      current: mark(current + by.current, was?.current),
    };
  });
}

type Mark = Readonly<{ id: Id | undefined; index: number }>;
