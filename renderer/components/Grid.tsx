/** @file A long list, paged and virtual: 100,000 rows scroll with some dozens of them in the page. */
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, type CSSProperties, type ReactNode } from 'react';
import { useIsLow } from '../hooks/useMediaQuery.ts';
import { useFirstPage, usePagedRows, type RowSource } from '../hooks/usePagedRows.ts';
import { useRowFocus } from '../hooks/useRowFocus.ts';
import { useSteadyRows } from '../hooks/useSteadyRows.ts';
import { Failure } from './Failure.tsx';

/** Rows in the page above and below those that are seen: they are there before they come into sight. */
const OVERSCAN = 8;

type RowTools = Readonly<{
  /** Of the row's own buttons: reached with Tab from the current row only. */
  tabIndex: 0 | -1;
}>;

type Props<Row> = Readonly<{
  label: string;
  source: RowSource<Row>;
  columns: readonly string[];
  /** CSS `grid-template-columns` of the head and of each row. */
  template: string;
  rowHeight: number;
  /** Cells stand below each other, and the head is for screen readers only. */
  isStacked?: boolean;
  /** It scrolls in itself, however low the window is: in a dialog. */
  isFramed?: boolean;
  idOf: (row: Row) => string | number;
  /** The cells of a row, each with `role="gridcell"`. */
  children: (row: Row, tools: RowTools) => ReactNode;
  /** In the place of a list without rows; null while rows are known to be on their way. */
  empty: ReactNode;
  selectedId?: string | number | null;
  /** Several may be chosen, and these are; the space bar chooses, too. */
  pickedIds?: Readonly<{ has: (id: string) => boolean }> | undefined;
  /** A click or Enter on a row. */
  onOpen?: ((row: Row) => void) | undefined;
}>;

export function Grid<Row>(props: Props<Row>) {
  const { source, empty } = props;
  const first = useFirstPage(source);
  if (first.error && first.data === undefined)
    return <Failure error={first.error} onRetry={first.refetch} />;
  if (first.data?.total === 0 && empty !== null) return <>{empty}</>;
  return (
    <Rows {...props} total={first.data?.total || undefined} key={JSON.stringify(source.queryKey)} />
  );
}

/** @param total `undefined` while the first page is on its way. */
function Rows<Row>({ total, ...props }: Props<Row> & Readonly<{ total: number | undefined }>) {
  const { label, source, columns, template, rowHeight, isStacked, isFramed, idOf } = props;
  const { selectedId, pickedIds, onOpen } = props;
  const isSelected = (row: Row) =>
    pickedIds
      ? pickedIds.has(String(idOf(row)))
      : selectedId === undefined
        ? undefined
        : idOf(row) === selectedId;
  const grid = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const count = total ?? 8;
  const isLow = useIsLow() && !isFramed;
  const scrolled = () => (isLow ? (grid.current?.closest('main') ?? null) : scroller.current);
  const above = isLow ? topWithin(scrolled(), scroller.current) : 0;
  const focus = useRowFocus({
    count,
    grid,
    rowsPerScreen: () => Math.floor((scrolled()?.clientHeight ?? 0) / rowHeight) || 1,
    scrollTo: (index) => virtual.scrollToIndex(index),
  });
  const virtual = useVirtualizer({
    count,
    getScrollElement: scrolled,
    scrollMargin: above,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    // The row with the focus stays in the page wherever the list is scrolled to, so that the focus does.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), focus.current])].toSorted((a, b) => a - b),
  });
  useLayoutEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
  const shown = { first: startIndex - OVERSCAN, last: endIndex + OVERSCAN };
  const rows = usePagedRows(source, shown, count, focus.current);
  useSteadyRows({
    rows,
    idOf,
    first: Math.max(0, Math.floor(((virtual.scrollOffset ?? 0) - above) / rowHeight)),
    current: focus.chosen,
    onMoved: (by) => scrolled()?.scrollBy({ top: by * rowHeight, behavior: 'instant' }),
    onCurrentMoved: focus.follow,
  });
  const keyOf = uniqueKeys();
  const columnStyle: CSSProperties = { gridTemplateColumns: template };
  return (
    <div
      ref={grid}
      className={isStacked ? 'grid grid-stacked' : 'grid'}
      role="grid"
      tabIndex={-1}
      aria-label={label}
      aria-multiselectable={pickedIds && true}
      {...focus.gridProps}
      aria-rowcount={total === undefined ? -1 : total + 1}
      aria-busy={total === undefined}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="grid-head" style={columnStyle}>
          {columns.map((column) => (
            <span
              role="columnheader"
              key={column}
              className={measures.has(column) ? 'cell-end' : undefined}
            >
              {column === 'Actions' ? <span className="unseen">{column}</span> : column}
            </span>
          ))}
        </div>
      </div>
      <div ref={scroller} className="grid-scroll" role="rowgroup">
        <div className="grid-rows" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = total === undefined ? undefined : rows.at(index);
            const isCurrent = index === focus.current;
            return (
              <div
                // An element belongs to one row as long as it is in the page: a click cannot meet another.
                key={keyOf(row && idOf(row), index)}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={row && isSelected(row)}
                data-index={index}
                tabIndex={isCurrent ? 0 : -1}
                className={onOpen ? 'grid-row grid-row-link' : 'grid-row'}
                style={{
                  ...columnStyle,
                  height: rowHeight,
                  transform: `translateY(${start - above}px)`,
                }}
                onFocus={() => focus.setIndex(index)}
                onClick={row && onOpen && (() => onOpen(row))}
                onKeyDown={(event) => {
                  const isSpace = event.key === ' ' && pickedIds !== undefined;
                  if (!row || !(event.key === 'Enter' || isSpace)) return;
                  if (event.target !== event.currentTarget) return;
                  // Or the space bar would scroll.
                  event.preventDefault();
                  onOpen?.(row);
                }}
              >
                {row ? (
                  props.children(row, { tabIndex: isCurrent ? 0 : -1 })
                ) : (
                  <Ghost of={columns} />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Their cells end at one line, and so do their heads. */
const measures: ReadonlySet<string> = new Set(['Size', 'Made', 'Date']);

/** How much of what is scrolled lies above `part` of it, pixels. */
function topWithin(scrolled: Element | null, part: Element | null): number {
  if (!scrolled || !part) return 0;
  const [outer, inner] = [scrolled.getBoundingClientRect(), part.getBoundingClientRect()];
  return Math.round(inner.top - outer.top + scrolled.scrollTop);
}

/** While one page is newer than the next, the same row may stand in both. */
function uniqueKeys() {
  const given = new Set<string | number>();
  return (id: string | number | undefined, index: number): string => {
    const isNew = id !== undefined && !given.has(id);
    if (isNew) given.add(id);
    return isNew ? `row ${id}` : `at ${index}`;
  };
}

/** A row on its way. */
function Ghost({ of }: Readonly<{ of: readonly string[] }>) {
  return of.map((column, index) => (
    <span role="gridcell" key={column}>
      {index === 0 && <span className="unseen">Loading</span>}
      {index < 2 && <div className="ghost" style={{ width: index === 0 ? '55%' : '35%' }} />}
    </span>
  ));
}
