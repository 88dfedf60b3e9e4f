import { useCallback, useSyncExternalStore } from 'react';

function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

/** Whether the window has less room than so many pixels. */
export const useIsBelow = (px: number): boolean => useMediaQuery(`(max-width: ${px - 1}px)`);

/** Too little room for what stands side by side: the cells of a row are above each other, and its name has all of the width. */
export const useIsStacked = (): boolean => useIsBelow(960);

/** So little that the pages have no names beside them. */
export const useIsNarrow = (): boolean => useIsBelow(761);

/** Too low for a list that scrolls by itself: the page scrolls, as one. */
export const useIsLow = (): boolean => useMediaQuery('(max-height: 620px)');
