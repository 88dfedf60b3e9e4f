import { ScanSearch, Upload } from 'lucide-react';
import { formatBytes } from '#shared/format.ts';
import { hasOutdated } from '#shared/migration/migration-steps.ts';
import { api } from '../../api.ts';
import { useAction } from '../../hooks/useAction.ts';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { fateText, ofText } from '../../words/migration.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Step } from './Step.tsx';
import { Named } from './Named.tsx';
import type { StepProps } from './step-props.ts';

/** Exactly what the plan says, through the queue of all recordings. */
export function UploadStep({ migration, plan, state }: StepProps) {
  const run = useAction(api.runMigration, { changes: ['migration'] });
  const look = useAction(api.lookForDrift, { changes: ['migration'] });
  const isBusy = migration.working !== null;
  const isRunning = migration.working?.work === 'run';
  const isPaused = useStatus().data?.isPaused ?? false;
  const standing = plan?.standing;
  // Before it has begun that is all of them, and nothing to look at.
  const behind = standing?.behind.filter(
    ({ why }) => why !== 'waiting' || standing.uploaded.files > 0,
  );
  const hasDrift = standing?.behind.some(({ why }) => drift.has(why)) ?? false;
  return (
    <Step step={3} title="Upload" state={state} migration={migration} works={['run', 'look']}>
      {plan && standing && behind && (
        <>
          {!isRunning && (
            <p>
              {ofText(standing.uploaded.files, plan.files)} uploaded and verified (
              {formatBytes(standing.uploaded.bytes)} of {formatBytes(plan.bytes)}).
            </p>
          )}
          {state.state === 'open' && (
            <p className="muted">
              Exactly what the plan says is sent, by way of the Queue. Recordings of watched folders
              go first.
            </p>
          )}
          {isRunning && isPaused && (
            <p className="wrong-soft">
              Uploads are paused: it goes on when they do. The Queue says until when.
            </p>
          )}
          {!isBusy && (
            <>
              <Named
                label="What is not uploaded"
                plan={plan.id}
                list="behind"
                groups={behind}
                titleOf={fateText}
              />
              {hasDrift && (
                <p className="hint">
                  What changed since the plan goes with another plan: what is in the storage already
                  is not sent again.
                </p>
              )}
              {hasOutdated(standing) && (
                <p className="hint">
                  What has changed here since it was uploaded goes up as it is now, if it still has
                  the plan’s size and time. Compare with the back-up what the upload names as
                  changed all the same: its disk may be damaged. To send that as it is, make another
                  plan, after giving it a new time if it has the old one.
                </p>
              )}
              {state.state === 'open' && (
                <StartButtons
                  verb={standing.uploaded.files > 0 ? 'Continue the upload' : 'Start the upload'}
                  isPending={run.isPending || look.isPending}
                  onStart={() => run.mutate({ plan: plan.id })}
                  onLook={() => look.mutate({ plan: plan.id })}
                />
              )}
            </>
          )}
          {run.error && <Failure error={run.error} />}
          {look.error && <Failure error={look.error} />}
        </>
      )}
    </Step>
  );
}

const drift: ReadonlySet<string> = new Set(['changed', 'gone']);

function StartButtons({
  verb,
  isPending,
  onStart,
  onLook,
}: Readonly<{ verb: string; isPending: boolean; onStart: () => void; onLook: () => void }>) {
  const ref = useHandOver<HTMLDivElement>();
  return (
    <div className="buttons" ref={ref}>
      <Button look="main" isBusy={isPending} onClick={onStart}>
        <Upload className="icon" aria-hidden />
        {verb}
      </Button>
      <Button isBusy={isPending} onClick={onLook}>
        <ScanSearch className="icon" aria-hidden />
        Look for changes since the plan
      </Button>
    </div>
  );
}
