import { useState } from 'react';
import { BACKUP_SAMPLE, backupText } from '#shared/migration/migration.ts';
import type { PlanView } from '#shared/api/migration-view.ts';
import { printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Choices } from '../../components/Choices.tsx';
import { PathField } from '../../components/PathField.tsx';
import { ShowCommand } from '../../components/ShowCommand.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { Step } from './Step.tsx';
import { StepForm } from './StepForm.tsx';
import type { StepProps } from './step-props.ts';
import { WhileIdle } from './WhileIdle.tsx';

/** A copy of the archive that has nothing to do with this computer's disk, on record. */
export function BackupStep({ migration, plan, state }: StepProps) {
  const form = plan && <BackupForm plan={plan} />;
  return (
    <Step step={2} title="Back up" state={state} migration={migration} works={['backup']}>
      <p className={plan?.backup ? undefined : 'muted'}>
        {plan?.backup
          ? printable(backupText(plan.backup))
          : 'Before anything is moved there has to be another copy of the archive. Files chosen by chance are compared with it byte by byte.'}
      </p>
      {state.state === 'open' && plan?.backup && (
        <p className="wrong-soft">Not all of it is the same, so the next step stays locked.</p>
      )}
      <WhileIdle migration={migration} key={plan?.id}>
        {state.state === 'done' ? (
          <details key={plan?.backup?.atMs}>
            <summary>Put another back-up on record</summary>
            {form}
          </details>
        ) : (
          form
        )}
      </WhileIdle>
    </Step>
  );
}

const places = [
  { value: 'folder', words: 'In a folder', hint: 'A part of it is compared.' },
  { value: 'elsewhere', words: 'Elsewhere', hint: 'Nobody looks at it; who made it is noted.' },
] as const;

function BackupForm({ plan: { id: plan, file } }: Readonly<{ plan: PlanView }>) {
  const [where, setWhere] = useState<(typeof places)[number]['value']>('folder');
  const isSaid = where === 'elsewhere';
  const [path, setPath] = useState('');
  const [sample, setSample] = useState(String(BACKUP_SAMPLE));
  const [by, setBy] = useState('');
  const compare = useAction(api.compareBackup, { changes: ['migration'] });
  const note = useAction(api.noteBackup, { changes: ['migration'] });
  const { error } = isSaid ? note : compare;
  const isSample = /^[1-9]\d{0,5}$/.test(sample);
  const isReady = isSaid ? by.trim() !== '' : path !== '' && isSample;
  return (
    <StepForm
      verb={isSaid ? 'Put it on record' : 'Compare'}
      isMain
      isReady={isReady}
      isBusy={compare.isPending || note.isPending}
      error={error}
      onSubmit={() => {
        if (isSaid) note.mutate({ plan, by: by.trim() });
        else compare.mutate({ plan, path, sample: Number(sample) });
      }}
      outcome={
        isReady && (
          <ShowCommand
            of={
              isSaid
                ? { kind: 'said-backup', plan: file, by: by.trim() }
                : { kind: 'backup', plan: file, at: path, sample: Number(sample) }
            }
          />
        )
      }
    >
      <fieldset>
        <legend className="legend">Where the back-up is</legend>
        <Choices name="backup" layout="even" choices={places} value={where} onChange={setWhere} />
      </fieldset>
      {isSaid ? (
        <TextField
          label="Who made it, and where it is"
          required
          maxLength={200}
          placeholder="IT team, on tape 14"
          value={by}
          onText={setBy}
        />
      ) : (
        <>
          <PathField
            label="The back-up’s folder"
            hint="With the archive’s own folders in it."
            value={path}
            onText={setPath}
            choose={() => api.chooseFolder({})}
          />
          <TextField
            label="How many files are compared"
            required
            inputMode="numeric"
            maxLength={6}
            hint="Chosen by chance. With as many as the plan has, it is all of them."
            wrong={sample === '' || isSample ? undefined : 'A whole number.'}
            value={sample}
            onText={setSample}
          />
        </>
      )}
    </StepForm>
  );
}
