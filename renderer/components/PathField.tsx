import { useAction } from '../hooks/useAction.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { tellError } from '../words/failures.ts';
import { Button } from './Button.tsx';
import { TextField } from './TextField.tsx';
import { Trouble } from './Trouble.tsx';

type Props = Readonly<{
  label: string;
  hint?: string | undefined;
  value: string;
  onText: (path: string) => void;
  /** It stays as it is. */
  isFixed?: boolean;
  /** The host's own dialog, where it has one. */
  choose: () => Promise<{ path: string | null }>;
}>;

/** A path that is chosen where the host has a dialog for it, and typed in a browser, which tells no page where a file is. */
export function PathField({ label, hint, value, onText, isFixed = false, choose }: Props) {
  const canChoose = useStatus().data?.can.chooseFolder === true;
  const ask = useAction(choose, {
    changes: [],
    onDone: ({ path }) => path !== null && onText(path),
  });
  return (
    <>
      <TextField
        label={label}
        required
        maxLength={4_096}
        readOnly={isFixed || canChoose}
        hint={hint}
        value={value}
        onText={onText}
      >
        {canChoose && !isFixed && (
          <Button aria-label={`Choose… ${label}`} onClick={() => ask.mutate(undefined)}>
            Choose…
          </Button>
        )}
      </TextField>
      {ask.error && <Trouble telling={tellError(ask.error)} />}
    </>
  );
}
