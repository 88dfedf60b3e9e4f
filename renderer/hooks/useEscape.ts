import { useEffect, useRef } from 'react';

/** A ref to an element that Escape closes. What opens above it, in another place of the document, keeps its own Escape. */
export function useEscape<E extends HTMLElement>(onEscape: () => void) {
  const ref = useRef<E>(null);
  useEffect(() => {
    const element = ref.current;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onEscape();
    };
    element?.addEventListener('keydown', onKey);
    return () => element?.removeEventListener('keydown', onKey);
  }, [onEscape]);
  return ref;
}
