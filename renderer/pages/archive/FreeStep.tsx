import { List, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { formatBytes, formatDate, printable } from '#shared/format.ts';
import { backupText, QUARANTINE_DAYS } from '#shared/migration/migration.ts';
import { doubtsText } from '#shared/migration/plan.ts';
import { provenFiles, type StepState } from '#shared/migration/migration-steps.ts';
import type { PlanView } from '#shared/api/migration-view.ts';
import { lockText, type SchoolView } from '#shared/school.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { filesText } from '../../words/migration.ts';
import { ConfirmNumber, type Cleaning } from './ConfirmNumber.tsx';
import { NamedDialog, type Which } from './Named.tsx';
import { Step } from './Step.tsx';
import type { StepProps } from './step-props.ts';

/** Into a quarantine first, and days later for good; until then all of it comes back. */
export function FreeStep({ migration, plan, state }: StepProps) {
  const isBusy = migration.working !== null;
  const school = useStatus().data?.school;
  const isKept = school?.mayFree === false;
  const mayFree = !isKept && state.state !== 'locked';
  const isAside = (plan?.standing.quarantined.files ?? 0) > 0;
  // Open also while one of its files is put back.
  const [listed, setListed] = useState<Which | null>(null);
  return (
    <Step
      step={5}
      title="Free the disk"
      state={isKept && !isAside && state.state !== 'done' ? forbidden(school) : state}
      migration={migration}
      works={['cleanup', 'purge', 'undo']}
      isWaiting={isAside && (state.state === 'done' || !mayFree)}
    >
      {plan && (
        <>
          <Places plan={plan} mayFree={mayFree} />
          {isKept && isAside && <SetBySchool lock="free" />}
          {!isBusy && (
            <Actions
              plan={plan}
              mayFree={mayFree}
              onList={() => setListed(inQuarantine(plan.id))}
            />
          )}
          <NamedDialog asked={listed} onClose={() => setListed(null)} />
        </>
      )}
    </Step>
  );
}

/** Said from the start, also while the steps before are open. */
const forbidden = (school: SchoolView): StepState => ({
  state: 'locked',
  why: lockText(school, 'free'),
});

const inQuarantine = (plan: string): Which => ({
  plan,
  list: 'quarantined',
  why: 'quarantined',
  title: 'In quarantine',
});

type Held = Readonly<{ plan: PlanView; mayFree: boolean }>;

function Places({ plan, mayFree }: Held) {
  const { here, quarantined, due, dueAtMs, removed } = plan.standing;
  const isToFree = mayFree && here.files > 0;
  const doubts = isToFree ? doubtsText(plan.summary.problems, true) : '';
  const isProven = provenFiles(plan.standing) === plan.files;
  return (
    <>
      {isToFree && isProven && (
        <p>
          <strong>{filesText(here)}</strong> can be freed: each is verified in the storage, and is
          looked at again before it is moved.
        </p>
      )}
      {isToFree && !isProven && (
        <p>
          Still here: <strong>{filesText(here)}</strong>. Not every file of the plan is verified any
          more; step 4 says which.
        </p>
      )}
      {doubts !== '' && <p className="wrong-soft">{doubts}</p>}
      {isToFree && plan.backup && <p className="muted">{printable(backupText(plan.backup))}</p>}
      {quarantined.files > 0 && (
        <p>
          <strong>{filesText(quarantined)} in quarantine</strong>, the hidden folder
          .pansea-quarantine in the archive. The disk has as much room as before, and all of it can
          be put back.{' '}
          {mayFree &&
            dueAtMs !== null &&
            due.files < quarantined.files &&
            `It can be deleted for good from ${formatDate(dueAtMs)} on, ${QUARANTINE_DAYS} days after it was moved; nothing is deleted by itself.`}
        </p>
      )}
      {removed.files > 0 && (
        <p>
          <strong>{filesText(removed)} deleted here</strong>, after proof that each is in the
          storage. {formatBytes(removed.bytes)} are free.
        </p>
      )}
    </>
  );
}

function Actions({ plan, mayFree, onList }: Held & Readonly<{ onList: () => void }>) {
  const [asked, setAsked] = useState<Cleaning | null>(null);
  const ref = useHandOver<HTMLDivElement>();
  const undo = useAction(api.putFilesBack, { changes: ['migration'] });
  const { here, quarantined, due } = plan.standing;
  return (
    <div className="form" ref={ref}>
      <div className="buttons">
        {mayFree && here.files > 0 && provenFiles(plan.standing) === plan.files && (
          <Button onClick={() => setAsked('here')}>Move into quarantine…</Button>
        )}
        {quarantined.files > 0 && (
          <Button
            isBusy={undo.isPending}
            onClick={() => undo.mutate({ plan: plan.id, paths: null })}
          >
            <Undo2 className="icon" aria-hidden />
            Put everything back
          </Button>
        )}
        {quarantined.files > 0 && (
          <Button onClick={onList}>
            <List className="icon" aria-hidden />
            Put some back…
          </Button>
        )}
        {mayFree && quarantined.files > 0 && (
          <Button look={due.files > 0 ? 'danger' : undefined} onClick={() => setAsked('due')}>
            <Trash2 className="icon" aria-hidden />
            {due.files > 0 ? 'Delete for good…' : 'Delete for good sooner…'}
          </Button>
        )}
      </div>
      {undo.error && <Failure error={undo.error} />}
      <ConfirmNumber plan={plan.id} asked={asked} onClose={() => setAsked(null)} />
    </div>
  );
}
