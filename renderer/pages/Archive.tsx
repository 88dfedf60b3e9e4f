import { stepsOf } from '#shared/migration/migration-steps.ts';
import { Failure } from '../components/Failure.tsx';
import { PageHead } from '../components/PageHead.tsx';
import { Standing } from '../components/Standing.tsx';
import { useMigration } from '../hooks/useMigration.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { BackupStep } from './archive/BackupStep.tsx';
import { FreeStep } from './archive/FreeStep.tsx';
import { PlanStep } from './archive/PlanStep.tsx';
import { Reports } from './archive/Reports.tsx';
import { UploadStep } from './archive/UploadStep.tsx';
import { VerifyStep } from './archive/VerifyStep.tsx';

/** Years of recordings into the storage, by the guide's five steps. */
export function ArchivePage() {
  return (
    <>
      <PageHead
        title="Archive"
        text="Years of recordings into the storage, with proof, and the disk free again. Each step opens with the proof of the one before."
      />
      <Standing>
        <Steps />
      </Standing>
    </>
  );
}

function Steps() {
  const { data, error, refetch } = useMigration();
  const can = useStatus().data?.can;
  if (error && !data) return <Failure error={error} onRetry={refetch} />;
  if (!data || !can) return <p className="muted soon">Looking how far the archive is…</p>;
  const steps = stepsOf(data.plan);
  const shared = { migration: data, plan: data.plan, can };
  return (
    <div className="settings">
      <ol className="steps">
        <PlanStep {...shared} state={steps.plan} />
        <BackupStep {...shared} state={steps.backup} />
        <UploadStep {...shared} state={steps.upload} />
        <VerifyStep {...shared} state={steps.verify} />
        <FreeStep {...shared} state={steps.free} />
      </ol>
      {data.plan && <Reports key={data.plan.id} plan={data.plan.id} migration={data} />}
    </div>
  );
}
