import { tellAsked } from '../words/failures.ts';
import { Trouble } from './Trouble.tsx';

/** In the place of what could not be had: why, and once more. */
export function Failure({ error, onRetry }: Readonly<{ error: unknown; onRetry: () => unknown }>) {
  return (
    <Trouble telling={tellAsked(error)}>
      <button type="button" className="button" onClick={() => void onRetry()}>
        Try again
      </button>
    </Trouble>
  );
}
