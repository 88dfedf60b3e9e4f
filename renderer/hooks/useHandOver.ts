import { useLayoutEffect, useRef } from 'react';
import { pageHeading } from './useView.ts';

/**
 * A ref for what goes away by what is pressed in it: the focus then goes to what is around it, not nowhere.
 *
 * @param isHidden It goes out of sight only.
 */
export function useHandOver<E extends HTMLElement>(isHidden = false) {
  const ref = useRef<E>(null);
  useLayoutEffect(() => {
    const part = ref.current;
    if (isHidden) return undefined;
    return () => {
      if (!part?.contains(document.activeElement)) return;
      const dialog = part.closest<HTMLElement>('[role=dialog],[role=alertdialog]');
      const title = part.closest('.step, .card')?.querySelector<HTMLElement>('h2[tabindex]');
      (dialog ?? title ?? pageHeading())?.focus();
    };
  }, [isHidden]);
  return ref;
}
