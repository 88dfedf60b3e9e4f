import { useEffect, useRef } from 'react';

/** A ref whose element takes the focus whenever `reason` becomes another thing than null. */
export function useFocusOn<E extends HTMLElement>(reason: unknown) {
  const ref = useRef<E>(null);
  useEffect(() => {
    if (reason !== null && reason !== undefined) ref.current?.focus();
  }, [reason]);
  return ref;
}
