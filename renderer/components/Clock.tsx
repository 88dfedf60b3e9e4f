import { useNow } from '../hooks/useNow.ts';
import { formatSpan } from '../words/time.ts';

type Props = Readonly<{ untilMs: number; before: string; after: string }>;

/** `ends in 2 h 14 min`, living; `after` once the time has come. */
export function Countdown({ untilMs, before, after }: Props) {
  const leftMs = untilMs - useNow();
  return <>{leftMs > 0 ? `${before} ${formatSpan(leftMs)}` : after}</>;
}
