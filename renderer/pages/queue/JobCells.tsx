import {
  CircleAlert,
  CircleArrowUp,
  CircleCheck,
  CircleSlash,
  Clock3,
  FolderOpen,
  RotateCw,
  ScanSearch,
  type LucideIcon,
} from 'lucide-react';
import { memo } from 'react';
import type { JobView } from '#shared/api.ts';
import { formatBytes, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Countdown } from '../../components/Clock.tsx';
import { Name } from '../../components/Name.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { progressWords, stateWords, type Tone } from '../../words/states.ts';

const icons: Record<Tone, LucideIcon> = {
  moving: CircleArrowUp,
  checking: ScanSearch,
  waiting: Clock3,
  help: CircleAlert,
  done: CircleCheck,
  aside: CircleSlash,
};

type Props = Readonly<{
  job: JobView;
  tabIndex: 0 | -1;
  isPaused: boolean;
  canReveal: boolean;
}>;

/** One upload as the cells of its row. */
export const JobCells = memo(function JobCells({ job, tabIndex, isPaused, canReveal }: Props) {
  const { name, folder, destination, sizeBytes } = job;
  return (
    <>
      <div role="gridcell" className="job-name">
        <Name text={name} />
        <span className="job-place clip">
          {printable(folder)}
          {destination !== '' && ` → ${printable(destination)}`}
        </span>
      </div>
      <div role="gridcell" className="job-state">
        <State job={job} isPaused={isPaused} />
      </div>
      <div role="gridcell" className="job-size num">
        {formatBytes(sizeBytes)}
      </div>
      <div role="gridcell" className="job-actions">
        {job.state === 'failed' && <Retry job={job} tabIndex={tabIndex} />}
        {canReveal && <Reveal job={job} tabIndex={tabIndex} />}
      </div>
    </>
  );
});

function State({ job, isPaused }: Readonly<{ job: JobView; isPaused: boolean }>) {
  const { tone, words, more } = stateWords(job, isPaused);
  const Icon = icons[tone];
  return (
    <>
      <span className={`state state-${tone}`}>
        <Icon className="icon" aria-hidden />
        <span className="clip">
          {words}
          {tone === 'waiting' && <NextTry atMs={job.nextAttemptAtMs} />}
        </span>
      </span>
      {tone === 'moving' ? (
        <span className="job-progress">
          <progress
            className="bar"
            value={job.sentBytes}
            max={Math.max(1, job.sizeBytes)}
            aria-label={`Uploaded of ${printable(job.name)}`}
          />
          <span className="clip">{progressWords(job.sentBytes, job.sizeBytes)}</span>
        </span>
      ) : (
        <span className="job-more clip" title={more ?? undefined}>
          {more}
        </span>
      )}
    </>
  );
}

function NextTry({ atMs }: Readonly<{ atMs: number | null }>) {
  return atMs === null ? null : (
    <Countdown untilMs={atMs} before=", tries again in" after=" for its turn" />
  );
}

type ActionProps = Readonly<{ job: JobView; tabIndex: 0 | -1 }>;

function Retry({ job, tabIndex }: ActionProps) {
  const { show } = useNotices();
  const name = printable(job.name);
  const retry = useAction(() => api.retryJobs({ ids: [job.id] }), {
    changes: ['jobs', 'causes', 'status'],
    onDone: () => show(`${name} is tried again.`),
  });
  return (
    <button
      type="button"
      className="button button-small"
      tabIndex={tabIndex}
      aria-label={`Retry ${name}`}
      aria-disabled={retry.isPending}
      onClick={() => retry.mutate(undefined)}
    >
      <RotateCw className="icon" aria-hidden />
      Retry
    </button>
  );
}

function Reveal({ job, tabIndex }: ActionProps) {
  const reveal = useAction(() => api.revealJob({ id: job.id }), { changes: [] });
  return (
    <button
      type="button"
      className="button button-plain button-small"
      tabIndex={tabIndex}
      aria-label={`Show ${printable(job.name)} in its folder`}
      title="Show in folder"
      onClick={() => reveal.mutate(undefined)}
    >
      <FolderOpen className="icon" aria-hidden />
    </button>
  );
}
