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

/** Rows that stand side by side in a wide window are stacked in a narrow one. */
export const useIsNarrow = (): boolean => useIsBelow(761);

/** Too low for a list that scrolls by itself: the page scrolls, as one. */
export const useIsLow = (): boolean => useMediaQuery('(max-height: 620px)');
