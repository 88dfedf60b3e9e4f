import { Tabs } from '@base-ui/react/tabs';
import { CircleCheckBig, CircleSlash, Inbox, Waves, type LucideIcon } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { count, formatBytes, formatNumber } from '#shared/format.ts';
import { pauseText } from '#shared/pause.ts';
import { queueFilters } from '#shared/api/queue-view.ts';
import { api } from '../api.ts';
import { CountedTabs } from '../components/CountedTabs.tsx';
import { Empty } from '../components/Empty.tsx';
import { Grid } from '../components/Grid.tsx';
import { withSize } from '../components/columns.ts';
import { PageHead } from '../components/PageHead.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Standing } from '../components/Standing.tsx';
import { TurnedOff } from '../components/TurnedOff.tsx';
import { useDebounced } from '../hooks/useDebounced.ts';
import { useDenied } from '../hooks/useDenied.ts';
import { useIsStacked } from '../hooks/useMediaQuery.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { paceWords, slowWords, tabCounts } from '../words/states.ts';
import { Causes, HelpWanted } from './queue/Causes.tsx';
import { DismissDialog, type Those } from './queue/Decide.tsx';
import { JobCells } from './queue/JobCells.tsx';
import { FoldersAway } from './queue/FoldersAway.tsx';
import { NothingFollowed } from './queue/NothingFollowed.tsx';
import { PauseControls } from './queue/PauseControls.tsx';
import { Settling } from './queue/Settling.tsx';
import { Skipped } from './queue/Skipped.tsx';
import { UploadFiles } from './queue/UploadFiles.tsx';

type Filter = (typeof queueFilters)[number];
type Tab = Filter | 'skipped';

const tabNames: Record<Tab, string> = {
  all: 'All',
  active: 'Active',
  waiting: 'Waiting',
  attention: 'Needs you',
  done: 'Done',
  skipped: 'Skipped',
  dismissed: 'Dismissed',
};

export function QueuePage() {
  const { data: status, isError } = useStatus();
  const isOpen = status?.mode === 'ready' || status?.mode === 'demo';
  return (
    <>
      <PageHead
        title="Queue"
        text={
          status
            ? `${isError ? 'As last known: ' : ''}${summary(status)}`
            : 'Asking for the state of the uploads…'
        }
      >
        {isOpen && !isError && (
          <div className="buttons">
            {status.can.chooseFolder && (
              <UploadFiles isLocked={status.school?.mayAddFolders === false} />
            )}
            {!status.isUnused && <PauseControls status={status} />}
          </div>
        )}
      </PageHead>
      <Standing>
        {status &&
          (status.isUnused ? <NothingFollowed status={status} /> : <Uploads status={status} />)}
      </Standing>
    </>
  );
}

function summary(status: StatusView): string {
  const { counts, bytesLeft, isPaused, pausedBy, mode, pace, slowed, isUnused } = status;
  if (mode === 'no-settings' || mode === 'broken' || isUnused)
    return 'Nothing is being uploaded from here.';
  const { all, active, waiting, done } = tabCounts(counts);
  if (all === 0) return 'Nothing to upload yet.';
  const left = all - done;
  const progress = `${formatNumber(done)} of ${count(all, 'file')} stored and checked`;
  if (left === 0) return `${progress}.`;
  const parts = bytesLeft > 0 ? [progress, `${formatBytes(bytesLeft)} left`] : [progress];
  if (pausedBy !== null)
    parts.push(pauseText({ by: pausedBy, untilMs: status.pausedUntilMs }, Date.now()));
  else if (pace !== null) parts.push(paceWords(pace));
  else if (active > 0) parts.push(`${active} on the way`);
  else if (waiting > 0) parts.push(`${waiting} waiting`);
  if (slowed !== null && !isPaused) parts.push(slowWords(slowed));
  return parts.join(' · ');
}

function Uploads({ status }: Readonly<{ status: StatusView }>) {
  const [tab, setTab] = useState<Tab>('all');
  const [dismissing, setDismissing] = useState<Those | null>(null);
  const panel = useRef<HTMLDivElement>(null);
  const counts = tabCounts(status.counts);
  const shown = allTabs.filter((name) => !seldom.has(name) || counts[name] > 0 || name === tab);
  const [typed, setTyped] = useState('');
  const words = useDebounced(typed.trim(), 300);
  const isDenied = useDenied('s3:PutObject');
  return (
    <>
      {isDenied && <TurnedOff action="s3:PutObject" />}
      <FoldersAway away={status.notConnected} />
      <Settling files={status.settling} />
      <Tabs.Root className="queue-tabs" value={tab} onValueChange={(value) => setTab(value as Tab)}>
        <div className="tabs-bar">
          <CountedTabs label="Which uploads" shown={shown} names={tabNames} counts={counts} />
          {tab !== 'skipped' && (counts.all > 0 || typed !== '') && (
            <SearchField
              label="Search names, folders and classes"
              placeholder="Search name, folder or class"
              value={typed}
              onText={setTyped}
            />
          )}
        </div>
        <Tabs.Panel ref={panel} className="queue-panel" value={tab} tabIndex={-1}>
          {tab === 'attention' && counts.attention > 0 && <Causes onDismiss={setDismissing} />}
          {tab === 'all' && counts.attention > 0 && (
            <HelpWanted
              onShow={() => {
                setTab('attention');
                // What was pressed goes away; what to do is what Tab comes to next.
                panel.current?.focus();
              }}
            />
          )}
          {tab === 'skipped' ? (
            <Skipped />
          ) : (
            <Jobs
              filter={tab}
              words={words}
              status={status}
              onDismiss={tab === 'all' ? undefined : setDismissing}
            />
          )}
        </Tabs.Panel>
      </Tabs.Root>
      <DismissDialog those={dismissing} onClose={() => setDismissing(null)} />
    </>
  );
}

const allTabs = [
  ...queueFilters.filter((name) => name !== 'dismissed'),
  'skipped',
  'dismissed',
] as const;
/** Without anything in them they need no tab. */
const seldom: ReadonlySet<Tab> = new Set(['skipped', 'dismissed']);

type JobsProps = Readonly<{
  filter: Filter;
  /** Empty for all. */
  words: string;
  status: StatusView;
  onDismiss: ((those: Those) => void) | undefined;
}>;

function Jobs({ filter, words, status, onDismiss }: JobsProps) {
  const isStacked = useIsStacked();
  const [hasMore, setHasMore] = useState(false);
  const source = useMemo(
    () =>
      words === ''
        ? {
            queryKey: ['jobs', filter],
            fetchPage: (offset: number, limit: number) => api.listJobs({ filter, offset, limit }),
          }
        : {
            queryKey: ['found-jobs', filter, words],
            fetchPage: async () => {
              const found = await api.findJobs({ filter, words });
              setHasMore(found.hasMore);
              return { rows: found.rows, total: found.rows.length };
            },
          },
    [filter, words],
  );
  const { [filter]: expected } = tabCounts(status.counts);
  const grid = (
    <Grid
      label={`Uploads: ${tabNames[filter]}`}
      source={source}
      columns={['Name', 'State', 'Size', 'Actions']}
      template={isStacked ? 'minmax(0, 1fr) auto' : withSize}
      isStacked={isStacked}
      rowHeight={isStacked ? 98 : 62}
      idOf={(job) => job.id}
      // Where the counts are newer than the list, its rows are on their way.
      empty={
        words !== '' ? (
          <Empty
            icon={Inbox}
            title="Nothing found"
            text="Each word has to be in a recording’s name, folder or class."
          />
        ) : expected > 0 ? null : (
          <NothingHere filter={filter} status={status} />
        )
      }
    >
      {(job, tools) => (
        <JobCells
          job={job}
          tabIndex={tools.tabIndex}
          standstill={status.isPaused ? 'paused' : status.trouble ? 'trouble' : null}
          canReveal={status.can.reveal}
          onDismiss={onDismiss}
        />
      )}
    </Grid>
  );
  return (
    <>
      {words !== '' && hasMore && (
        <p className="hint">The newest of those found are shown: more words find fewer.</p>
      )}
      {grid}
    </>
  );
}

const nothing: Record<Exclude<Filter, 'all'>, { icon: LucideIcon; title: string; text: string }> = {
  active: {
    icon: Waves,
    title: 'Nothing is on its way',
    text: 'A recording shows up here while it is being sent and checked.',
  },
  waiting: {
    icon: Inbox,
    title: 'Nothing is waiting',
    text: 'Recordings wait here for their turn, or for the network to come back.',
  },
  attention: {
    icon: CircleCheckBig,
    title: 'Nothing needs you',
    text: 'When a recording cannot go up without your help, it says here why and what to do.',
  },
  done: {
    icon: CircleCheckBig,
    title: 'Nothing is finished yet',
    text: 'A recording counts as done when it is stored and its checksum has been compared.',
  },
  dismissed: {
    icon: CircleSlash,
    title: 'Nothing is dismissed',
    text: 'What you choose not to upload, or download into a folder that is followed, is listed here and can be sent again.',
  },
};

function NothingHere({ filter, status }: Readonly<{ filter: Filter; status: StatusView }>) {
  if (filter !== 'all') return <Empty {...nothing[filter]} />;
  if (status.settling.length > 0 && status.settling.every(({ why }) => why === 'space'))
    return (
      <Empty
        icon={Inbox}
        title="The first recording waits for disk space"
        text="It joins the queue as soon as there is some."
      />
    );
  if (status.settling.length > 0)
    return (
      <Empty
        icon={Inbox}
        title="The first recording is still being written"
        text="It joins the queue as soon as it stops changing."
      />
    );
  return (
    <Empty
      icon={Inbox}
      title="Waiting for the first recording"
      text="As soon as one is finished in a folder that is followed, it goes up by itself."
    />
  );
}
