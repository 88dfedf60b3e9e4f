/** @file The links that were made here: which, by class or name, and how long they live. */
import { Tabs } from '@base-ui/react/tabs';
import { useQuery } from '@tanstack/react-query';
import { Clock3, Link2 } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { linkFilters, type LinkFilter, type LinkView } from '#shared/api/stored.ts';
import { formatDeadline } from '#shared/format.ts';
import { endingText } from '#shared/link.ts';
import { api, copyText } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { withTime } from '../../components/columns.ts';
import { CountedTabs } from '../../components/CountedTabs.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Grid } from '../../components/Grid.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { SearchField } from '../../components/SearchField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDebounced } from '../../hooks/useDebounced.ts';
import { useIsBelow, useIsStacked } from '../../hooks/useMediaQuery.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { LinkCells } from './LinkCells.tsx';

const names: Record<LinkFilter, string> = {
  all: 'All',
  live: 'Live',
  ending: 'Ending soon',
  ended: 'Ended',
};

type Props = Readonly<{
  /** A new one to the same recording: in the place of it where it can be renewed. */
  onAgain: (link: LinkView) => void;
  /** It is to work no longer. */
  onStop: (link: LinkView) => void;
  /** What to do while there are none. */
  newLink: ReactNode;
}>;

export function LinkTable({ onAgain, onStop, newLink }: Props) {
  const [filter, setFilter] = useState<LinkFilter>('all');
  const [typed, setTyped] = useState('');
  const words = useDebounced(typed.trim(), 200);
  const { data } = useQuery({
    queryKey: ['links', 'counts', words],
    queryFn: () => api.listLinks({ filter: 'all', words, offset: 0, limit: 1 }),
    placeholderData: (before) => before,
  });
  const ending = useStatus().data?.linksEnding ?? 0;
  const hasAny = words !== '' || (data?.counts.all ?? 0) > 0;
  return (
    <Tabs.Root
      className="queue-tabs"
      value={filter}
      onValueChange={(value) => setFilter(value as LinkFilter)}
    >
      {ending > 0 && filter !== 'ending' && (
        <section className="note" aria-label="Links that end soon">
          <Clock3 className="icon" aria-hidden />
          <p className="note-text">
            <strong>{endingText(ending)}.</strong> Renew{' '}
            {ending === 1 ? 'it' : 'those that somebody needs longer'}, and send the new address.
          </p>
          <div className="buttons">
            <Button
              onClick={() => {
                setTyped('');
                setFilter('ending');
              }}
            >
              Show {ending === 1 ? 'it' : 'them'}
            </Button>
          </div>
        </section>
      )}
      {hasAny && (
        <div className="tabs-bar">
          <CountedTabs
            label="Which links"
            shown={linkFilters}
            names={names}
            counts={data?.counts}
          />
          <SearchField
            label="Search names, classes and notes"
            placeholder="Search name, class or note"
            value={typed}
            onText={setTyped}
          />
        </div>
      )}
      <Tabs.Panel className="queue-panel" value={filter} tabIndex={-1}>
        <Rows
          filter={filter}
          words={words}
          onAgain={onAgain}
          onStop={onStop}
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
  ending: {
    title: 'No link ends soon',
    text: 'Links that were made for a day or longer are listed here on their last day, until they are renewed.',
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
  onStop: (link: LinkView) => void;
  empty: ReactNode;
}>;

function Rows({ filter, words, onAgain, onStop, empty }: RowsProps) {
  const isStacked = useIsStacked();
  // As in links.css: its buttons have a line of their own.
  const isTall = useIsBelow(440);
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
      template={isStacked ? 'minmax(0, 1fr) auto' : withTime}
      isStacked={isStacked}
      rowHeight={isTall ? 124 : isStacked ? 92 : 62}
      idOf={(link) => link.id}
      empty={empty}
    >
      {(link, { tabIndex }) => (
        <LinkCells
          link={link}
          tabIndex={tabIndex}
          onAgain={() => onAgain(link)}
          onCopy={() => copy.mutate(link.id)}
          onStop={() => onStop(link)}
        />
      )}
    </Grid>
  );
  return (
    <>
      {copy.error && <Failure error={copy.error} />}
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
