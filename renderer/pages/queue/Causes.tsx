/** @file What needs a person, told once for each cause and not once for each file. */
import { useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import type { ApiOutput } from '#shared/api.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { count, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellJob } from '../../words/troubles.ts';

export function Causes() {
  const { data } = useQuery({ queryKey: ['causes'], queryFn: () => api.listCauses({}) });
  if (data === undefined || data.length === 0) return null;
  return (
    <div className="causes">
      {data.map((cause) => (
        <CauseCard key={`${cause.code} ${cause.canRetry}`} cause={cause} />
      ))}
    </div>
  );
}

type Cause = ApiOutput<'listCauses'>[number];

function CauseCard({ cause }: Readonly<{ cause: Cause }>) {
  const { code, files, name, canRetry } = cause;
  const { show } = useNotices();
  const retry = useAction(() => api.retryJobs({ ids: [], code: code as ErrorCode }), {
    changes: ['jobs', 'causes', 'status'],
    onDone: ({ retried }) => show(`${count(retried, 'file')} tried again.`),
  });
  const telling = tellJob(cause);
  const who = files === 1 ? printable(name) : count(files, 'file');
  return (
    <Trouble telling={{ ...telling, isWaiting: false }} title={`${who}: ${telling.title}`}>
      {canRetry && (
        <button
          type="button"
          className="button"
          disabled={retry.isPending}
          onClick={() => retry.mutate(undefined)}
          aria-label={`${files === 1 ? 'Retry' : 'Retry all'}: ${who}, ${telling.title}`}
        >
          <RotateCw className="icon" aria-hidden />
          {files === 1 ? 'Retry' : `Retry all ${new Intl.NumberFormat('en').format(files)}`}
        </button>
      )}
    </Trouble>
  );
}
