import { useEffect } from 'react';

/** With these a person goes on by themselves. */
const moves = ['wheel', 'pointerdown', 'keydown'] as const;

/**
 * Of a page that opens at one of its parts, as from "Open Settings": the part that the address names takes the focus
 * and is in sight, also while what stands above it grows as its answers come, until a person moves on.
 *
 * @param isReady Its parts are on the page.
 */
export function usePartInSight(isReady: boolean): void {
  useEffect(() => {
    const id = window.location.hash.slice(1);
    const part = isReady && id.includes('/') ? document.getElementById(id) : null;
    const page = part?.closest('main');
    if (!part || !page) return undefined;
    part.focus({ preventScroll: true });
    const growth = new ResizeObserver(() => part.scrollIntoView());
    for (const child of page.children) growth.observe(child);
    const end = () => growth.disconnect();
    for (const move of moves) window.addEventListener(move, end, { once: true });
    return () => {
      end();
      for (const move of moves) window.removeEventListener(move, end);
    };
  }, [isReady]);
}
