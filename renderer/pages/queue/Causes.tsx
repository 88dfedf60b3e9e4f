/** @file What needs a person, told once for each cause and not once for each file. */
import { useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import type { JobView } from '#shared/api.ts';
import { count, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellJob, type Telling } from '../../words/troubles.ts';

/** How many files are looked at: the most that one call gives. */
const LOOKED_AT = 500;

type Cause = Readonly<{ telling: Telling; jobs: JobView[] }>;

export function Causes() {
  const { data } = useQuery({
    queryKey: ['causes'],
    queryFn: () => api.listJobs({ filter: 'attention', offset: 0, limit: LOOKED_AT }),
  });
  if (data === undefined) return null;
  const causes = causesOf(data.rows);
  return (
    <div className="causes">
      {causes.map((cause) => (
        <CauseCard key={cause.telling.title} cause={cause} isPart={data.total > data.rows.length} />
      ))}
    </div>
  );
}

function causesOf(jobs: readonly JobView[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const job of jobs) {
    if (job.trouble === null) continue;
    const telling = tellJob(job.trouble);
    const cause = causes.get(telling.title) ?? { telling, jobs: [] };
    cause.jobs.push(job);
    causes.set(telling.title, cause);
  }
  return [...causes.values()].toSorted((a, b) => b.jobs.length - a.jobs.length);
}

/** @param isPart There are more files than were looked at. */
function CauseCard({ cause, isPart }: Readonly<{ cause: Cause; isPart: boolean }>) {
  const { telling, jobs } = cause;
  const [first] = jobs;
  const ids = jobs.filter(({ state }) => state === 'failed').map(({ id }) => id);
  const files = isPart ? `At least ${count(jobs.length, 'file')}` : count(jobs.length, 'file');
  const { show } = useNotices();
  const retry = useAction(() => api.retryJobs({ ids }), {
    changes: ['jobs', 'causes', 'status'],
    onDone: ({ retried }) => show(`${count(retried, 'file')} tried again.`),
  });
  const who = jobs.length === 1 && first ? printable(first.name) : files;
  return (
    <Trouble telling={{ ...telling, isWaiting: false }} title={`${who}: ${telling.title}`}>
      {ids.length > 0 && (
        <button
          type="button"
          className="button"
          disabled={retry.isPending}
          onClick={() => retry.mutate(undefined)}
          aria-label={`Retry ${who}: ${telling.title}`}
        >
          <RotateCw className="icon" aria-hidden />
          {ids.length === 1 ? 'Retry' : `Retry all ${ids.length}`}
        </button>
      )}
    </Trouble>
  );
}
