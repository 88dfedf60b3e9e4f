import { Lock } from 'lucide-react';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import { askFor, turnedOff } from '#shared/troubles/refusal-troubles.ts';
import { Button } from './Button.tsx';
import { show, useView } from '../hooks/useView.ts';

type Props = Readonly<{ action: keyof typeof turnedOff; id?: string }>;

/** In the place of, or beside, a control that an account's rights turn off: why, and who can turn it on. */
export function TurnedOff({ action, id }: Props) {
  const { title } = wordsOf(turnedOff[action]);
  const isHere = useView() === 'settings';
  return (
    <div className="turned-off" id={id}>
      <Lock className="icon" aria-hidden />
      <p>
        {title}. {askFor[action]}.
      </p>
      {!isHere && (
        <Button isSmall onClick={() => show('settings')}>
          Test the connection again…
        </Button>
      )}
    </div>
  );
}
