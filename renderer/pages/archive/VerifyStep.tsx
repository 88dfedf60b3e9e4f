import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { formatTime } from '#shared/format.ts';
import { proofLevels, type ProofLevel } from '#shared/migration/migration.ts';
import { provenFiles } from '#shared/migration/migration-steps.ts';
import type { PlanView } from '#shared/api/migration-view.ts';
import { api } from '../../api.ts';
import { OneOf } from '../../components/OneOf.tsx';
import { ShowCommand } from '../../components/ShowCommand.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { ofText, verdictText } from '../../words/migration.ts';
import { References } from './References.tsx';
import { Step } from './Step.tsx';
import { Named } from './Named.tsx';
import { StepForm } from './StepForm.tsx';
import type { StepProps } from './step-props.ts';
import { WhileIdle } from './WhileIdle.tsx';

/** A verdict for each file; and what the school's database has to know of those that are verified. */
export function VerifyStep({ migration, plan, state }: StepProps) {
  return (
    <Step step={4} title="Verify" state={state} migration={migration} works={['verify']}>
      {plan && (
        <>
          <Verdict plan={plan} />
          {state.why === null && (
            <WhileIdle migration={migration} key={`verify ${plan.id}`}>
              <VerifyForm plan={plan} isAgain={state.state === 'done'} />
            </WhileIdle>
          )}
          {state.why !== null && <p className="hint">{state.why}</p>}
          {verifiedFiles(plan) > 0 && (
            <WhileIdle migration={migration} key={`references ${plan.id}`}>
              <References plan={plan.id} />
            </WhileIdle>
          )}
        </>
      )}
    </Step>
  );
}

function verifiedFiles({ standing: { verified } }: PlanView): number {
  return proofLevels.reduce((sum, level) => sum + verified[level].files, 0);
}

function Verdict({ plan }: Readonly<{ plan: PlanView }>) {
  const { files, standing } = plan;
  const { verified, refuted, checkedAtMs } = standing;
  if (checkedAtMs === null)
    return (
      <p className="muted">
        Asks the storage about every file once more, and reads the file here again: only what is the
        same in both places now counts.
      </p>
    );
  const proven = provenFiles(standing);
  return (
    <>
      <p>
        <strong>
          {ofText(proven, files)} verified, {files - proven} pending.
        </strong>{' '}
        <span className="muted">
          {verified['read-back'].files > 0 && `${verified['read-back'].files} of them read back. `}
          {verified.head.files > 0 &&
            `${verified.head.files} are there by the storage’s word alone, which frees no disk. `}
          {formatTime(checkedAtMs)}.
        </span>
      </p>
      <Named
        label="What is not verified"
        plan={plan.id}
        list="refuted"
        groups={refuted}
        titleOf={verdictText}
      />
    </>
  );
}

const levels: Record<ProofLevel, string> = {
  head: 'Quick: what the storage says of each file',
  full: 'Usual: also its checksum, and every file here is read again',
  'read-back': 'Thorough: every byte is fetched back and compared',
};

function VerifyForm({ plan, isAgain }: Readonly<{ plan: PlanView; isAgain: boolean }>) {
  const [level, setLevel] = useState<ProofLevel>('full');
  const [share, setShare] = useState('100');
  const isShare = /^([1-9]\d?|100)$/.test(share);
  const isReady = level !== 'read-back' || isShare;
  const asked = { level, share: level === 'read-back' ? Number(share) : 100 };
  const verify = useAction(api.verifyMigration, { changes: ['migration'] });
  return (
    <StepForm
      verb={isAgain ? 'Verify again' : 'Verify'}
      icon={ShieldCheck}
      isMain={!isAgain}
      isReady={isReady}
      isBusy={verify.isPending}
      error={verify.error}
      onSubmit={() => verify.mutate({ plan: plan.id, ...asked })}
      outcome={isReady && <ShowCommand of={{ kind: 'verify', plan: plan.file, ...asked }} />}
    >
      <OneOf label="How thorough" options={levels} value={level} onChange={setLevel} />
      {level === 'read-back' && (
        <TextField
          label="How many of a hundred files are fetched back"
          required
          inputMode="numeric"
          maxLength={3}
          hint="Chosen by chance; the others get the usual look."
          wrong={share === '' || isShare ? undefined : 'A whole number from 1 to 100.'}
          value={share}
          onText={setShare}
        />
      )}
    </StepForm>
  );
}
