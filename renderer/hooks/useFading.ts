import { useCallback, useEffect, useRef, useState } from 'react';

/** A text that goes away by itself. `hold` keeps it, for somebody who is about to read or press. */
export function useFading(ms: number): [string, (text: string) => void, () => void] {
  const [text, setText] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const hold = useCallback(() => clearTimeout(timer.current), []);
  const show = useCallback(
    (next: string) => {
      clearTimeout(timer.current);
      setText(next);
      if (next !== '') timer.current = setTimeout(() => setText(''), ms);
    },
    [ms],
  );
  return [text, show, hold];
}
