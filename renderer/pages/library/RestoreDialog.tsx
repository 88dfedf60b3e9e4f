import { useState } from 'react';
import type { ObjectDetails } from '#shared/api/stored.ts';
import { formatTime, printable } from '#shared/format.ts';
import {
  archiveTerms,
  MAX_RESTORE_DAYS,
  restoreCosts,
  restoreSpeeds,
  USUAL_RESTORE_DAYS,
  type Readability,
  type RestoreSpeed,
} from '#shared/restore.ts';
import { api } from '../../api.ts';
import { Choices } from '../../components/Choices.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';

/** What lies in an archive, or has come out of one for a time. */
export type Shelved = Exclude<Readability, { kind: 'readable' }>;

type Props = Readonly<{
  object: ObjectDetails;
  name: string;
  shelved: Shelved;
  isOpen: boolean;
  onClose: () => void;
}>;

const speedWords: Record<RestoreSpeed, string> = {
  standard: 'Standard',
  bulk: 'Bulk: slower, and cheapest',
  expedited: 'Expedited: within minutes',
};

/** It costs, and is asked for by a person alone: what it takes and who pays is read before. */
export function RestoreDialog(props: Props) {
  const { name, shelved, isOpen, onClose } = props;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={shelved.kind === 'restored' ? 'Keep it readable for longer' : 'Make it readable again'}
      description={
        <span className="dialog-name" dir="auto">
          {printable(name)}
        </span>
      }
    >
      {isOpen && <Order {...props} />}
    </Dialog>
  );
}

function Order({ object, name, shelved, onClose }: Props) {
  const { isCopy, speeds } = archiveTerms[shelved.archive];
  const isHere = shelved.kind === 'restored';
  const { show } = useNotices();
  const [typed, setTyped] = useState(String(USUAL_RESTORE_DAYS));
  const [speed, setSpeed] = useState<RestoreSpeed>('standard');
  const days = Number(typed);
  const isWrong = isCopy && !(Number.isInteger(days) && days >= 1 && days <= MAX_RESTORE_DAYS);
  const restore = useAction(api.restoreObject, {
    changes: ['object', 'objects', 'shelf'],
    onDone({ readability }) {
      show(`${printable(name)} ${doneText(readability, speeds[speed])}`);
      onClose();
    },
  });
  return (
    <DialogForm
      verb={isHere ? 'Keep readable' : 'Make readable again'}
      isReady={!isWrong}
      isBusy={restore.isPending}
      onClose={onClose}
      onSubmit={() => restore.mutate({ key: object.key, days: isCopy ? days : null, speed })}
    >
      {isCopy && (
        <TextField
          label={isHere ? 'Days from now' : 'Days that it stays readable'}
          hint="After that it lies in the archive alone, as before. Links to it end by then."
          inputMode="numeric"
          value={typed}
          maxLength={4}
          wrong={isWrong ? `Choose from 1 to ${MAX_RESTORE_DAYS} days.` : undefined}
          onText={setTyped}
        />
      )}
      {!isHere && (
        <fieldset>
          <legend className="legend">How fast</legend>
          <Choices
            name="restore-speed"
            layout="stack"
            choices={restoreSpeeds.flatMap((value) => {
              const takes = speeds[value];
              if (takes === undefined) return [];
              return { value, words: speedWords[value], hint: `On Amazon S3 usually ${takes}.` };
            })}
            value={speed}
            onChange={setSpeed}
          />
        </fieldset>
      )}
      <ul className="facts">
        {restoreCosts(shelved.archive, speed, isHere).map((cost) => (
          <li key={cost}>{cost}</li>
        ))}
      </ul>
      {restore.error && <Failure error={restore.error} />}
    </DialogForm>
  );
}

function doneText(state: Readability, takes: string | undefined): string {
  if (state.kind === 'restored') return `can be read until ${formatTime(state.untilMs)}.`;
  if (state.kind === 'readable') return 'can be read.';
  return `is being made readable again, on Amazon S3 usually ${takes ?? 'within hours'}.`;
}
