import { useAction } from '../hooks/useAction.ts';
import { tellError } from '../words/failures.ts';
import { Button } from './Button.tsx';
import { TextField } from './TextField.tsx';
import { Trouble } from './Trouble.tsx';

type Props = Readonly<{
  label: string;
  hint?: string | undefined;
  value: string;
  onText: (path: string) => void;
  /** The host's own dialog; without it the path is typed. */
  choose: (() => Promise<{ path: string | null }>) | undefined;
}>;

/** A path that is chosen where the host has a dialog for it, and typed in a browser, which tells no page where a file is. */
export function PathField({ label, hint, value, onText, choose }: Props) {
  const ask = useAction(() => choose!(), {
    changes: [],
    onDone: ({ path }) => path !== null && onText(path),
  });
  return (
    <>
      <TextField
        label={label}
        required
        maxLength={4_096}
        readOnly={choose !== undefined}
        hint={hint}
        value={value}
        onText={onText}
      >
        {choose && (
          <Button aria-label={`Choose… ${label}`} onClick={() => ask.mutate(undefined)}>
            Choose…
          </Button>
        )}
      </TextField>
      {ask.error && <Trouble telling={tellError(ask.error)} />}
    </>
  );
}
