import { tellAsked } from '../words/failures.ts';
import { Button } from './Button.tsx';
import { Trouble } from './Trouble.tsx';

/** In the place of what could not be had: why, and once more. */
export function Failure({ error, onRetry }: Readonly<{ error: unknown; onRetry: () => unknown }>) {
  return (
    <Trouble telling={tellAsked(error)}>
      <Button onClick={() => void onRetry()}>Try again</Button>
    </Trouble>
  );
}
