import { useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';

type Options = Readonly<{
  count: number;
  rowsPerScreen: () => number;
  scrollTo: (index: number) => void;
  grid: RefObject<HTMLElement | null>;
}>;

/**
 * Arrow keys among rows of which only some are in the page: one row is in the tab order, the others are
 * reached from it. Left and Right go through the row's own buttons, and the keys that one of them names
 * press it.
 */
export function useRowFocus({ count, rowsPerScreen, scrollTo, grid }: Options) {
  const [index, setIndex] = useState<number>();
  const current = Math.min(index ?? 0, Math.max(0, count - 1));
  const isPending = useRef(false);
  const hadFocus = useRef(false);

  // In the same go as the rows are put into the page: an effect that runs later may meet the next key, and
  // would take the row before it for the one that is wanted.
  useLayoutEffect(() => {
    // The row with the focus has left the page: its neighbour has it, not the whole document.
    const isLost = hadFocus.current && document.activeElement === document.body;
    if (!isPending.current && !isLost) return;
    if (focusRow(current)) isPending.current = false;
  });

  /** @returns Whether the row is in the page. */
  function focusRow(at: number): boolean {
    const row = grid.current?.querySelector<HTMLElement>(`[data-index="${at}"]`);
    if (!row?.contains(document.activeElement)) row?.focus({ preventScroll: true });
    return Boolean(row);
  }

  function moveTo(wanted: number) {
    const next = Math.max(0, Math.min(count - 1, wanted));
    setIndex(next);
    scrollTo(next);
    // The same index renders nothing anew: the effect above would run at some later time, and take the focus
    // from where it is by then.
    if (next === current) focusRow(next);
    else isPending.current = true;
  }

  /** The row has come to another place, and the focus with it, should it have been with a neighbour meanwhile. */
  function follow(to: number) {
    setIndex(to);
    isPending.current ||= hadFocus.current;
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>('[data-index]');
    if (!row || event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      const named = `[aria-keyshortcuts="Alt+${event.key}"]`;
      row.querySelector<HTMLElement>(named)?.click();
      return;
    }
    const wanted: Partial<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + rowsPerScreen(),
      PageUp: current - rowsPerScreen(),
      Home: 0,
      End: count - 1,
    };
    const next = wanted[event.key];
    if (next !== undefined) moveTo(next);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') sideways(row, event.key);
    else return;
    event.preventDefault();
  }

  const gridProps = {
    onKeyDown,
    onFocus: () => void (hadFocus.current = true),
    // Not told by React of an element that it takes out of the page.
    onBlur: () => void (hadFocus.current = false),
  };
  /** `chosen`: the row that the focus was moved to; -1 until it was. */
  return { current, chosen: index === undefined ? -1 : current, setIndex, follow, gridProps };
}

function sideways(row: HTMLElement, key: string) {
  const stops = [row, ...row.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  stops[at + (key === 'ArrowRight' ? 1 : -1)]?.focus();
}
