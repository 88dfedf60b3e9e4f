import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { proofLevels, type ProofLevel } from '#shared/migration.ts';
import { provenFiles } from '#shared/migration-steps.ts';
import type { PlanView } from '#shared/migration-view.ts';
import { api } from '../../api.ts';
import { OneOf } from '../../components/OneOf.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { ofText, verdictText } from '../../words/migration.ts';
import { formatTime } from '../../words/time.ts';
import { References } from './References.tsx';
import { Named, Step, StepTrouble } from './Step.tsx';
import type { StepProps } from './step-props.ts';

/** A verdict for each file; and what the school's database has to know of those that are verified. */
export function VerifyStep({ migration, plan, state }: StepProps) {
  const isBusy = migration.working !== null;
  return (
    <Step step={4} title="Verify" state={state} migration={migration} works={['verify']}>
      {plan && (
        <>
          <Verdict plan={plan} />
          {!isBusy && state.why === null && (
            <VerifyForm plan={plan.id} isAgain={state.state === 'done'} />
          )}
          {state.why !== null && <p className="hint">{state.why}</p>}
          {!isBusy && verifiedFiles(plan) > 0 && <References plan={plan.id} />}
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
      <Named label="What is not verified" groups={refuted} titleOf={verdictText} />
    </>
  );
}

const levels: Record<ProofLevel, string> = {
  head: 'Quick: what the storage says of each file',
  full: 'Usual: also its checksum, and every file here is read again',
  'read-back': 'Thorough: every byte is fetched back and compared',
};

const shares = {
  all: 'All files',
  tenth: 'One in ten, by chance',
  hundredth: 'One in a hundred, by chance',
} as const;
/** Of a hundred files; the others get the usual look. */
const percent = { all: 100, tenth: 10, hundredth: 1 } as const;

function VerifyForm({ plan, isAgain }: Readonly<{ plan: string; isAgain: boolean }>) {
  const [level, setLevel] = useState<ProofLevel>('full');
  const [share, setShare] = useState<keyof typeof shares>('all');
  const ref = useHandOver<HTMLDivElement>();
  const verify = useAction(api.verifyMigration, { changes: ['migration'] });
  return (
    <div className="form" ref={ref}>
      <div className="audit-start">
        <OneOf
          label="How thorough"
          isLabelUnseen
          options={levels}
          value={level}
          onChange={setLevel}
        />
        {level === 'read-back' && (
          <OneOf
            label="How many are fetched back"
            isLabelUnseen
            options={shares}
            value={share}
            onChange={setShare}
          />
        )}
        <button
          type="button"
          className={isAgain ? 'button' : 'button button-main'}
          aria-disabled={verify.isPending}
          onClick={() => verify.mutate({ plan, level, share: percent[share] })}
        >
          <ShieldCheck className="icon" aria-hidden />
          {isAgain ? 'Verify again' : 'Verify'}
        </button>
      </div>
      {verify.error && <StepTrouble error={verify.error} />}
    </div>
  );
}
