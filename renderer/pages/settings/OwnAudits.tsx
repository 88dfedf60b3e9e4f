import { useQuery } from '@tanstack/react-query';
import type { OwnAuditsView } from '#shared/api/ledger.ts';
import { askedText, NOT_COMPARED_HERE, type AuditPeriod } from '#shared/audit.ts';
import { api } from '../../api.ts';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { OneOf } from '../../components/OneOf.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';

const options: Record<AuditPeriod, string> = {
  week: 'Each week',
  month: 'Each month',
  off: 'Never',
};

/** Audits that nobody asks for. @param isDenied Whether the card says already that the storage may not be listed. */
export function OwnAudits({ isDenied }: Readonly<{ isDenied: boolean }>) {
  const { show } = useNotices();
  const { data, error, refetch } = useQuery({
    queryKey: ['own-audits'],
    queryFn: () => api.getOwnAudits({}),
  });
  const set = useAction((every: AuditPeriod) => api.setOwnAudits({ every }), {
    changes: ['own-audits'],
    onDone: (_, every) =>
      show(
        every === 'off'
          ? 'The storage is compared only when somebody starts an audit.'
          : `The storage is compared by itself each ${every}.`,
      ),
  });
  return (
    <>
      {error && <Failure error={error} onRetry={refetch} />}
      {data && (
        <div className="audit-period">
          <OneOf
            label="Compare by itself"
            options={options}
            value={set.isPending ? set.variables : data.every}
            onChange={set.mutate}
          />
          <p className="hint">{hint(data)}</p>
          {data.isRefused && !isDenied && <TurnedOff action="s3:ListBucket" />}
        </div>
      )}
      {set.error && <Trouble telling={tellError(set.error)} />}
    </>
  );
}

function hint({ every, isElsewhere, ...asked }: OwnAuditsView): string {
  if (every === 'off')
    return 'What is removed from the storage by mistake is then found only by an audit that somebody starts.';
  if (isElsewhere) return NOT_COMPARED_HERE;
  const cost =
    asked.objects === 0
      ? ''
      : ` It takes ${askedText(asked)}, and one or two more for each recording that is missing.`;
  return `Names and sizes are compared while nothing is sent.${cost} You hear of it only when stored recordings are missing or changed there: they can go up again while their files are still here.`;
}
