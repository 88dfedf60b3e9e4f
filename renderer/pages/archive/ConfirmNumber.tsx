import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { count, formatTime } from '#shared/format.ts';
import { QUARANTINE_DAYS, type CleanupLevel, type Sum } from '#shared/migration/migration.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { OneOf } from '../../components/OneOf.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDebounced } from '../../hooks/useDebounced.ts';
import { filesText } from '../../words/migration.ts';

/** Of what is here, into quarantine; of what is due there, for good. */
export type Cleaning = 'here' | 'due';
type Found = Readonly<{ pending: Sum; nextDueAtMs: number | null; days: number }>;

const words = {
  here: {
    title: 'Move files into quarantine?',
    verb: 'Move into quarantine',
    what: (sum: Sum) =>
      `${filesText(sum)} will be moved into a hidden folder of the archive, on the same disk. Nothing is deleted, and no room is gained yet: you can put all of it back for ${QUARANTINE_DAYS} days and longer.`,
    none: ({ pending }: Found) =>
      pending.files > 0
        ? `${count(pending.files, 'file')} of the plan were not fetched back yet: verify all of them at the level Thorough first.`
        : 'There is no file to move.',
  },
  due: {
    title: 'Delete files for good?',
    verb: 'Delete for good',
    what: (sum: Sum) =>
      `${filesText(sum)} will be deleted from this disk for good. Each is compared with its copy in the storage right before; what is not proven in that moment stays.`,
    none: ({ days, nextDueAtMs }: Found) =>
      `No file has been in quarantine for ${count(days, 'day')}: there is nothing to delete.${nextDueAtMs === null ? '' : ` The first can be deleted from ${formatTime(nextDueAtMs)} on.`}`,
  },
} as const;

const levels: Record<CleanupLevel, string> = {
  full: 'Proven by its checksum, or more (usual)',
  'read-back': 'Every file fetched back and compared',
};

const lostText = (lost: Sum): string =>
  `Not seen now, neither in place nor in quarantine: ${filesText(lost)}. See whether this is the archive’s disk; nothing is done with what is not seen.`;

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
  const [level, setLevel] = useState<CleanupLevel>('full');
  const [daysTyped, setDays] = useState(String(QUARANTINE_DAYS));
  const isDays = /^[1-9]\d{0,2}$/.test(daysTyped);
  const days = useDebounced(isDays ? Number(daysTyped) : QUARANTINE_DAYS, 200);
  const survey = useQuery({
    queryKey: ['cleanup-survey', plan, level, days],
    queryFn: () => api.surveyCleanup({ plan, level, days }),
    gcTime: 0,
    retry: false,
  });
  const done = { changes: ['migration'], onDone: onClose };
  const move = useAction(api.quarantineFiles, done);
  const remove = useAction(api.purgeFiles, done);
  const { isPending, error } = what === 'here' ? move : remove;
  const { verb, none, what: describe } = words[what];
  const isAnswered = what === 'here' || (isDays && days === Number(daysTyped));
  const found = isAnswered ? survey.data : undefined;
  const sum = found?.[what];
  const isReady =
    sum !== undefined && sum.files > 0 && (what === 'due' || found?.pending.files === 0);
  const isSame = isReady && typed.trim() === String(sum.files);
  return (
    <DialogForm
      verb={verb}
      isFinal={what === 'due'}
      isReady={isSame}
      isBusy={isPending}
      onClose={onClose}
      onSubmit={() => {
        if (!isSame) return;
        if (what === 'here') move.mutate({ plan, confirmed: sum.files, level });
        else remove.mutate({ plan, confirmed: sum.files, days });
      }}
    >
      {what === 'here' ? (
        <OneOf label="Which proof is enough" options={levels} value={level} onChange={setLevel} />
      ) : (
        <TextField
          label="Days in quarantine, at least"
          required
          inputMode="numeric"
          maxLength={3}
          wrong={isDays || daysTyped === '' ? undefined : 'A whole number of days, from 1.'}
          value={daysTyped}
          onText={setDays}
        />
      )}
      {survey.isPending && <p className="muted soon">Looking at the disk…</p>}
      {survey.error && <Failure error={survey.error} />}
      {found && found.lost.files > 0 && <p className="wrong-soft">{lostText(found.lost)}</p>}
      {found && sum && <p>{isReady ? describe(sum) : none({ ...found, days })}</p>}
      {isReady && (
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
      {error && <Failure error={error} />}
    </DialogForm>
  );
}
