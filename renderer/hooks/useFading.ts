import { useCallback, useEffect, useState } from 'react';

/**
 * A text that goes away by itself. `hold` keeps it while somebody is about to read or press; when they have left
 * it, its time begins again.
 *
 * @param waits Nobody can see it now: its time begins when this has ended.
 */
export function useFading(
  ms: number,
  waits = false,
): [string, (text: string) => void, (isHeld: boolean) => void] {
  // A new object each time: the same text again has its time again.
  const [shown, setShown] = useState({ text: '', isHeld: false });
  useEffect(() => {
    if (shown.text === '' || shown.isHeld || waits) return undefined;
    const timer = setTimeout(() => setShown({ text: '', isHeld: false }), ms);
    return () => clearTimeout(timer);
  }, [shown, waits, ms]);
  const show = useCallback((text: string) => setShown({ text, isHeld: false }), []);
  const hold = useCallback((isHeld: boolean) => setShown(({ text }) => ({ text, isHeld })), []);
  return [shown.text, show, hold];
}
