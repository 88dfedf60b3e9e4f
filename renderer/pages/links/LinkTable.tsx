/** @file The links that were made here: which, by class or name, and how long they live. */
import { Tabs } from '@base-ui/react/tabs';
import { useQuery } from '@tanstack/react-query';
import {
  CircleCheck,
  CircleSlash,
  Clock3,
  Copy,
  Link2,
  Search,
  type LucideIcon,
} from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { linkFilters, type LinkFilter, type LinkView } from '#shared/api/stored.ts';
import { printable } from '#shared/format.ts';
import { MAY_END_SOONER } from '#shared/link.ts';
import { api, copyText } from '../../api.ts';
import { Countdown } from '../../components/Clock.tsx';
import { withTime } from '../../components/columns.ts';
import { Empty } from '../../components/Empty.tsx';
import { Grid } from '../../components/Grid.tsx';
import { Name } from '../../components/Name.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDebounced } from '../../hooks/useDebounced.ts';
import { useIsNarrow } from '../../hooks/useMediaQuery.ts';
import { tellAsked } from '../../words/failures.ts';
import { formatDate, formatDeadline, formatTime } from '../../words/time.ts';

const names: Record<LinkFilter, string> = { all: 'All', live: 'Live', ended: 'Ended' };

type Props = Readonly<{
  onAgain: (link: LinkView) => void;
  /** What to do while there are none. */
  newLink: ReactNode;
}>;

export function LinkTable({ onAgain, newLink }: Props) {
  const [filter, setFilter] = useState<LinkFilter>('all');
  const [typed, setTyped] = useState('');
  const words = useDebounced(typed.trim(), 200);
  const { data } = useQuery({
    queryKey: ['links', 'counts', words],
    queryFn: () => api.listLinks({ filter: 'all', words, offset: 0, limit: 1 }),
    placeholderData: (before) => before,
  });
  const hasAny = words !== '' || (data?.counts.all ?? 0) > 0;
  return (
    <Tabs.Root
      className="queue-tabs"
      value={filter}
      onValueChange={(value) => setFilter(value as LinkFilter)}
    >
      {hasAny && (
        <div className="links-bar">
          <Tabs.List className="tabs" aria-label="Which links">
            {linkFilters.map((name) => (
              <Tabs.Tab className="tab" key={name} value={name}>
                {names[name]}
                <span className="tab-count">
                  {data && new Intl.NumberFormat('en').format(data.counts[name])}
                </span>
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <label className="search">
            <Search className="icon" aria-hidden />
            <span className="unseen">Search names, classes and notes</span>
            <input
              className="input"
              type="search"
              placeholder="Search name, class or note"
              value={typed}
              maxLength={200}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        </div>
      )}
      <Tabs.Panel className="queue-panel" value={filter} tabIndex={-1}>
        <Rows
          filter={filter}
          words={words}
          onAgain={onAgain}
          empty={
            words !== '' ? (
              <Empty
                icon={Link2}
                title="No link is found"
                text="Names, classes and notes are searched for each of the words."
              />
            ) : hasAny && filter !== 'all' ? (
              <Empty {...nothing[filter]} icon={Link2} />
            ) : (
              <Empty
                icon={Link2}
                title="No links yet"
                text="A link lets somebody listen to one recording, without an account, until a time that you choose."
              >
                {newLink}
              </Empty>
            )
          }
        />
      </Tabs.Panel>
    </Tabs.Root>
  );
}

const nothing: Record<Exclude<LinkFilter, 'all'>, { title: string; text: string }> = {
  live: {
    title: 'No link works now',
    text: 'The time of each has come, or its recording was deleted. Make a new one to share again.',
  },
  ended: {
    title: 'No link has ended',
    text: 'Links are listed here when their time has come, or when their recording was deleted.',
  },
};

type RowsProps = Readonly<{
  filter: LinkFilter;
  words: string;
  onAgain: (link: LinkView) => void;
  empty: ReactNode;
}>;

function Rows({ filter, words, onAgain, empty }: RowsProps) {
  const isNarrow = useIsNarrow();
  const copy = useCopyAgain();
  const source = useMemo(
    () => ({
      queryKey: ['links', filter, words],
      fetchPage: (offset: number, limit: number) => api.listLinks({ filter, words, offset, limit }),
    }),
    [filter, words],
  );
  const grid = (
    <Grid
      label="Links that were made here"
      source={source}
      columns={['Recording', 'State', 'Made', 'Actions']}
      template={isNarrow ? 'minmax(0, 1fr) auto' : withTime}
      isStacked={isNarrow}
      rowHeight={isNarrow ? 92 : 62}
      idOf={(link) => link.id}
      empty={empty}
    >
      {(link, { tabIndex }) => (
        <LinkCells
          link={link}
          tabIndex={tabIndex}
          onAgain={() => onAgain(link)}
          onCopy={() => copy.mutate(link.id)}
        />
      )}
    </Grid>
  );
  return (
    <>
      {copy.error && <Trouble telling={tellAsked(copy.error)} />}
      {grid}
    </>
  );
}

/** The link itself is kept nowhere: it is signed once more, for the time that is left. */
function useCopyAgain() {
  const { show } = useNotices();
  return useAction(
    async (id: number) => {
      const signed = await api.signLink({ id });
      await copyText(signed.url);
      return signed;
    },
    {
      changes: [],
      onDone: ({ expiresAtMs, mayEndSooner }) =>
        show(
          `The link is copied. It works until ${formatDeadline(expiresAtMs)}${mayEndSooner ? ' at most' : ''}.`,
        ),
    },
  );
}

const icons: Record<LinkView['state'], LucideIcon> = {
  live: CircleCheck,
  expired: Clock3,
  dead: CircleSlash,
};
const tones: Record<LinkView['state'], string> = {
  live: 'state state-done',
  expired: 'state state-waiting',
  dead: 'state state-aside',
};

/** What it is for, below its name; first that it is of another bucket than the one that is connected. */
function moreOf({ leads, place, state, mode, ownerId, note }: LinkView): string {
  const words = [
    leads === 'elsewhere' && `In ${place}`,
    leads === 'unknown' && state === 'live' && 'Bucket not on record',
    mode === 'watch' ? 'Watch' : 'Download',
    ownerId,
    note,
  ];
  return printable(words.filter(Boolean).join(' · '));
}

type CellsProps = Readonly<{
  link: LinkView;
  tabIndex: 0 | -1;
  onAgain: () => void;
  onCopy: () => void;
}>;

function LinkCells({ link, tabIndex, onAgain, onCopy }: CellsProps) {
  const { name, leads, state, createdAtMs, expiresAtMs, endsHereMs } = link;
  const more = moreOf(link);
  const mayEndSooner = state === 'live' && link.mayEndSooner;
  const Icon = icons[state];
  return (
    <>
      <div role="gridcell" className="job-name">
        <Name text={name} />
        <span className="job-place clip" title={more}>
          {more}
        </span>
      </div>
      <div role="gridcell" className="job-state">
        <span className={tones[state]}>
          <Icon className="icon" aria-hidden />
          <span className="clip">
            {state === 'live' && (
              <Countdown
                untilMs={endsHereMs}
                before={mayEndSooner ? 'Ends within' : 'Ends in'}
                after="Has just ended"
              />
            )}
            {state === 'expired' && 'Has ended'}
            {state === 'dead' && 'Leads nowhere'}
          </span>
        </span>
        <span className="job-more clip" title={mayEndSooner ? MAY_END_SOONER : undefined}>
          {state === 'dead' ? 'The recording was deleted' : formatTime(expiresAtMs)}
          {mayEndSooner && ' at most'}
        </span>
      </div>
      <div role="gridcell" className="link-made num" title={formatTime(createdAtMs)}>
        {formatDate(createdAtMs)}
      </div>
      <div role="gridcell" className="job-actions">
        {state === 'live' && leads === 'here' && (
          <button
            type="button"
            className="button button-small"
            tabIndex={tabIndex}
            aria-label={`Copy the link to ${printable(name)} again`}
            title="Copy the link again"
            onClick={onCopy}
          >
            <Copy className="icon" aria-hidden />
          </button>
        )}
        {state !== 'dead' && leads !== 'elsewhere' && (
          <button
            type="button"
            className="button button-small"
            tabIndex={tabIndex}
            aria-label={`New link to ${printable(name)}`}
            onClick={onAgain}
          >
            New link
          </button>
        )}
      </div>
    </>
  );
}
