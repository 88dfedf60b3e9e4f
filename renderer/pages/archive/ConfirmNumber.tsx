import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { count } from '#shared/format.ts';
import { QUARANTINE_DAYS, type Sum } from '#shared/migration.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { filesText } from '../../words/migration.ts';
import { StepTrouble } from './Step.tsx';

/** Of what is here, into quarantine; of what is due there, for good. */
export type Cleaning = 'here' | 'due';

const words = {
  here: {
    title: 'Move files into quarantine?',
    verb: 'Move into quarantine',
    what: (sum: Sum) =>
      `${filesText(sum)} will be moved into a hidden folder of the archive, on the same disk. Nothing is deleted, and no room is gained yet: you can put all of it back for ${QUARANTINE_DAYS} days and longer.`,
    none: 'There is no file to move.',
  },
  due: {
    title: 'Delete files for good?',
    verb: 'Delete for good',
    what: (sum: Sum) =>
      `${filesText(sum)} will be deleted from this disk for good. Each is compared with its copy in the storage right before; what is not proven in that moment stays.`,
    none: 'There is no file to delete.',
  },
} as const;

type Props = Readonly<{ plan: string; asked: Cleaning | null; onClose: () => void }>;

/** Asks for the number of files, as the disk has it now. The engine counts again before it does anything. */
export function ConfirmNumber({ plan, asked, onClose }: Props) {
  // While it closes it still says what it was about.
  const [shown, setShown] = useState<Cleaning>('here');
  if (asked !== null && asked !== shown) setShown(asked);
  return (
    <Dialog isOpen={asked !== null} onClose={onClose} title={words[shown].title}>
      <Form plan={plan} what={shown} onClose={onClose} />
    </Dialog>
  );
}

function Form({
  plan,
  what,
  onClose,
}: Readonly<{ plan: string; what: Cleaning; onClose: () => void }>) {
  const [typed, setTyped] = useState('');
  const survey = useQuery({
    queryKey: ['cleanup-survey', plan],
    queryFn: () => api.surveyCleanup({ plan }),
    gcTime: 0,
    retry: false,
  });
  const done = { changes: ['migration'], onDone: onClose };
  const move = useAction(api.quarantineFiles, done);
  const remove = useAction(api.purgeFiles, done);
  const { mutate, isPending, error } = what === 'here' ? move : remove;
  const sum = survey.data?.[what];
  const { verb, none, what: describe } = words[what];
  const isSame = sum !== undefined && sum.files > 0 && typed.trim() === String(sum.files);
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSame) mutate({ plan, confirmed: sum.files });
      }}
    >
      <div className="dialog-body">
        {survey.isPending && <p className="muted soon">Looking at the disk…</p>}
        {survey.error && <StepTrouble error={survey.error} />}
        {sum && <p>{sum.files === 0 ? none : describe(sum)}</p>}
        {sum && sum.files > 0 && (
          <TextField
            label={`To go on, type the number of files: ${sum.files}`}
            inputMode="numeric"
            maxLength={9}
            wrong={
              typed === '' || isSame || String(sum.files).startsWith(typed.trim())
                ? undefined
                : `It is ${count(sum.files, 'file')}.`
            }
            value={typed}
            onText={setTyped}
          />
        )}
        {error && <StepTrouble error={error} />}
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          className={`button ${what === 'here' ? 'button-main' : 'button-danger-main'}`}
          disabled={!isSame}
          aria-disabled={isPending}
        >
          {verb}
        </button>
      </footer>
    </form>
  );
}
