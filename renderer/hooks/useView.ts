import { useEffect, useRef, useSyncExternalStore } from 'react';

export const views = ['queue', 'library', 'links', 'settings', 'history', 'archive'] as const;
export type View = (typeof views)[number];

/** `#settings` as well as `#settings/folders`, a place in it. */
function current(): View {
  const name = window.location.hash.slice(1).split('/')[0];
  return views.find((view) => view === name) ?? 'queue';
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** Which page is open: it stands in the address, so that a reload and the Back key keep their meaning. */
export const useView = (): View => useSyncExternalStore(subscribe, current);

/** @param place A page, or a part of it. */
export function show(place: View | `${View}/${string}`): void {
  window.location.hash = place;
}

/** Where the focus goes when what had it is gone. */
export const pageHeading = () => document.querySelector<HTMLElement>('main h1');

/** A page that was opened from within the one before it: that one took the focus along. */
export function usePageFocus(view: View): void {
  const before = useRef(view);
  useEffect(() => {
    if (before.current !== view && document.activeElement === document.body) pageHeading()?.focus();
    before.current = view;
  }, [view]);
}

/** Ctrl or ⌘ with 1 to 6 opens a page. */
export function useViewKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const view = views[Number(event.key) - 1];
      if (view === undefined || document.querySelector('[role=dialog],[role=alertdialog]')) return;
      event.preventDefault();
      pageHeading()?.focus();
      show(view);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
