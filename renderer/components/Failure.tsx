import { tellAsked } from '../words/failures.ts';
import { Button } from './Button.tsx';
import { Trouble } from './Trouble.tsx';

type Props = Readonly<{ error: unknown; onRetry?: () => unknown }>;

/** Why it was not done; in the place of what could not be had also once more. */
export function Failure({ error, onRetry }: Props) {
  return (
    <Trouble telling={tellAsked(error)}>
      {onRetry && <Button onClick={() => void onRetry()}>Try again</Button>}
    </Trouble>
  );
}
