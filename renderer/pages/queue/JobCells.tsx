import {
  ArrowUpToLine,
  CircleAlert,
  CircleArrowUp,
  CircleCheck,
  CircleSlash,
  Clock3,
  FolderOpen,
  RotateCw,
  ScanSearch,
  X,
  type LucideIcon,
} from 'lucide-react';
import { memo } from 'react';
import type { JobView } from '#shared/api.ts';
import { formatBytes, printable } from '#shared/format.ts';
import type { FilePlace } from '#shared/api/stored.ts';
import { holdReasons, mayGoAsItIs } from '#shared/job.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Countdown } from '../../components/Clock.tsx';
import { Name } from '../../components/Name.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { oneJob, useSendAgain, useSendFirst, useUploadAnyway, type Those } from './Decide.tsx';
import {
  goneBytes,
  progressWords,
  stateWords,
  withOwnTrouble,
  type Standstill,
  type Tone,
} from '../../words/states.ts';

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
  standstill: Standstill;
  canReveal: boolean;
  /** Left out where a list is for looking: what is not to go up is chosen where it waits. */
  onDismiss?: ((those: Those) => void) | undefined;
}>;

/** One upload as the cells of its row. */
export const JobCells = memo(function JobCells(props: Props) {
  const { job, tabIndex, standstill, canReveal, onDismiss } = props;
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
        <State job={job} standstill={standstill} />
      </div>
      <div role="gridcell" className="job-size num">
        {formatBytes(sizeBytes)}
      </div>
      <div role="gridcell" className="job-actions">
        {(job.state === 'failed' || isInfected(job)) && <Retry job={job} tabIndex={tabIndex} />}
        {mayGo(job) && <UploadAnyway job={job} tabIndex={tabIndex} />}
        {job.state === 'dropped' && <SendAgain job={job} tabIndex={tabIndex} />}
        {job.state === 'queued' && !job.isFirst && <SendFirst job={job} tabIndex={tabIndex} />}
        {onDismiss && ['held', 'queued', 'failed'].includes(job.state) && (
          <Dismiss job={job} tabIndex={tabIndex} onDismiss={onDismiss} />
        )}
        {canReveal && <Reveal job={job} tabIndex={tabIndex} />}
      </div>
    </>
  );
});

function State({ job: seen, standstill }: Pick<Props, 'job' | 'standstill'>) {
  const job = withOwnTrouble(seen, standstill);
  const { tone, words, more } = stateWords(job, standstill);
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
            value={goneBytes(job)}
            max={Math.max(1, job.sizeBytes)}
            aria-label={`Uploaded of ${printable(job.name)}`}
          />
          <span className="clip">{progressWords(goneBytes(job), job.sizeBytes)}</span>
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
  const again = isInfected(job) ? 'Scan again' : 'Retry';
  const retry = useAction(() => api.retryJobs({ ids: [job.id] }), {
    changes: ['jobs', 'causes', 'status'],
    onDone: () => show(`${name} is tried again.`),
  });
  return (
    <Button
      isSmall
      tabIndex={tabIndex}
      aria-label={`${again} ${name}`}
      isBusy={retry.isPending}
      onClick={() => retry.mutate(undefined)}
    >
      <RotateCw className="icon" aria-hidden />
      {again}
    </Button>
  );
}

/** Held for what a person may say about it: without a class there is no place to send it to. */
function mayGo({ state, trouble }: JobView): boolean {
  return (
    state === 'held' &&
    holdReasons.some((reason) => reason === trouble?.code && mayGoAsItIs(reason))
  );
}

const isInfected = ({ state, trouble }: JobView): boolean =>
  state === 'held' && trouble?.code === 'infected';

function UploadAnyway({ job, tabIndex }: ActionProps) {
  const send = useUploadAnyway();
  return (
    <Button
      isSmall
      tabIndex={tabIndex}
      aria-label={`Upload anyway: ${printable(job.name)}`}
      title="Upload it as it is"
      isBusy={send.isPending}
      onClick={() => send.mutate(oneJob(job))}
    >
      Upload
    </Button>
  );
}

function SendFirst({ job, tabIndex }: ActionProps) {
  const first = useSendFirst();
  return (
    <Button
      look="plain"
      isSmall
      tabIndex={tabIndex}
      aria-label={`Send ${printable(job.name)} first`}
      aria-keyshortcuts="Alt+ArrowUp"
      title="Send first (Alt+↑)"
      isBusy={first.isPending}
      onClick={() => first.mutate(oneJob(job))}
    >
      <ArrowUpToLine className="icon" aria-hidden />
    </Button>
  );
}

function SendAgain({ job, tabIndex }: ActionProps) {
  const send = useSendAgain();
  return (
    <Button
      isSmall
      tabIndex={tabIndex}
      aria-label={`Send again: ${printable(job.name)}`}
      isBusy={send.isPending}
      onClick={() => send.mutate(oneJob(job))}
    >
      Send again
    </Button>
  );
}

function Dismiss({
  job,
  tabIndex,
  onDismiss,
}: ActionProps & Readonly<{ onDismiss: (those: Those) => void }>) {
  return (
    <Button
      look="plain"
      isSmall
      tabIndex={tabIndex}
      aria-label={`Dismiss ${printable(job.name)}`}
      title="Do not upload"
      onClick={() => onDismiss(oneJob(job))}
    >
      <X className="icon" aria-hidden />
    </Button>
  );
}

function notThereWords({ name, folder, state }: JobView, place: FilePlace): string {
  const [shown, where] = [printable(name), printable(folder)];
  if (place === 'unreachable') return `The folder of ${shown} cannot be reached now.`;
  const gone = `${shown} is no longer in the folder ${where}.`;
  return state === 'verified' ? `${gone} It is stored and checked.` : gone;
}

function Reveal({ job, tabIndex }: ActionProps) {
  const { show } = useNotices();
  const reveal = useAction(() => api.revealJob({ id: job.id }), {
    changes: [],
    onDone: ({ place }) => place !== 'here' && show(notThereWords(job, place)),
  });
  return (
    <Button
      look="plain"
      isSmall
      tabIndex={tabIndex}
      aria-label={`Show ${printable(job.name)} in its folder`}
      title="Show in folder"
      onClick={() => reveal.mutate(undefined)}
    >
      <FolderOpen className="icon" aria-hidden />
    </Button>
  );
}
