import { useLayoutEffect, useRef } from 'react';

/** A ref whose element takes the focus whenever `reason` becomes another thing than null. */
export function useFocusOn<E extends HTMLElement>(reason: unknown) {
  const ref = useRef<E>(null);
  // Before the next paint: what held the focus may be gone, and the dialog would take it for itself.
  useLayoutEffect(() => {
    if (reason !== null && reason !== undefined) ref.current?.focus();
  }, [reason]);
  return ref;
}
