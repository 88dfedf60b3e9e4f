import { CircleCheck, CircleSlash, Clock3, Link2, Plus, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { LinkView } from '#shared/stored.ts';
import { printable } from '#shared/format.ts';
import { api } from '../api.ts';
import { Countdown } from '../components/Clock.tsx';
import { Empty } from '../components/Empty.tsx';
import { Grid } from '../components/Grid.tsx';
import { Name } from '../components/Name.tsx';
import { PageHead } from '../components/PageHead.tsx';
import { Standing } from '../components/Standing.tsx';
import { useIsNarrow } from '../hooks/useMediaQuery.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { formatTime } from '../words/time.ts';
import { LinkDialog, type LinkTarget } from './links/LinkDialog.tsx';
import { PickDialog } from './links/PickDialog.tsx';

const source = {
  queryKey: ['links'],
  fetchPage: (offset: number, limit: number) => api.listLinks({ offset, limit }),
};

export function LinksPage() {
  const [isPicking, setPicking] = useState(false);
  const [target, setTarget] = useState<LinkTarget>();
  const isNarrow = useIsNarrow();
  const mode = useStatus().data?.mode;
  const newLink = (
    <button type="button" className="button button-main" onClick={() => setPicking(true)}>
      <Plus className="icon" aria-hidden />
      New link
    </button>
  );
  return (
    <>
      <PageHead
        title="Links"
        text="Each link ends by itself, after seven days at most. Until then it cannot be recalled."
      >
        {(mode === 'ready' || mode === 'demo') && newLink}
      </PageHead>
      <Standing>
        <Grid
          label="Links that were made here"
          source={source}
          columns={['Recording', 'State', 'Made', 'Actions']}
          template={isNarrow ? 'minmax(0, 1fr) auto' : 'minmax(0, 5fr) minmax(0, 4fr) 160px 100px'}
          isStacked={isNarrow}
          rowHeight={isNarrow ? 92 : 62}
          idOf={(link) => link.id}
          empty={
            <Empty
              icon={Link2}
              title="No links yet"
              text="A link lets somebody listen to one recording, without an account, until a time that you choose."
            >
              {newLink}
            </Empty>
          }
        >
          {(link, { tabIndex }) => (
            <LinkCells link={link} tabIndex={tabIndex} onAgain={() => setTarget(link)} />
          )}
        </Grid>
      </Standing>
      <PickDialog
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        onPick={(picked) => {
          setPicking(false);
          setTarget(picked);
        }}
      />
      <LinkDialog target={target} onClose={() => setTarget(undefined)} />
    </>
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

type CellsProps = Readonly<{ link: LinkView; tabIndex: 0 | -1; onAgain: () => void }>;

function LinkCells({ link, tabIndex, onAgain }: CellsProps) {
  const { name, note, mode, state, createdAtMs, expiresAtMs } = link;
  const Icon = icons[state];
  return (
    <>
      <div role="gridcell" className="job-name">
        <Name text={name} />
        <span className="job-place clip" title={note ?? undefined}>
          {mode === 'watch' ? 'Watch' : 'Download'}
          {note && ` · ${printable(note)}`}
        </span>
      </div>
      <div role="gridcell" className="job-state">
        <span className={tones[state]}>
          <Icon className="icon" aria-hidden />
          <span className="clip">
            {state === 'live' && (
              <Countdown untilMs={expiresAtMs} before="Ends in" after="Has just ended" />
            )}
            {state === 'expired' && 'Has ended'}
            {state === 'dead' && 'Leads nowhere'}
          </span>
        </span>
        <span className="job-more clip">
          {state === 'dead' ? 'The recording was deleted' : formatTime(expiresAtMs)}
        </span>
      </div>
      <div role="gridcell" className="link-made num">
        {formatTime(createdAtMs)}
      </div>
      <div role="gridcell" className="job-actions">
        {state !== 'dead' && (
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
