/** @file A row of the list of links: what is known of it, and what can be done with it. */
import { Ban, CircleCheck, CircleSlash, Clock3, Copy, type LucideIcon } from 'lucide-react';
import type { LinkView } from '#shared/api/stored.ts';
import { formatDate, formatTime, printable } from '#shared/format.ts';
import { MAY_END_SOONER } from '#shared/link.ts';
import { Button } from '../../components/Button.tsx';
import { Countdown } from '../../components/Clock.tsx';
import { Name } from '../../components/Name.tsx';

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

/** Whether a new one is made in its place: further ones to a recording whose link is renewed stand beside it. */
export const canRenew = ({ state, leads, isRenewed }: LinkView): boolean =>
  state !== 'dead' && leads === 'here' && !isRenewed;

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
  onStop: () => void;
}>;

export function LinkCells({ link, tabIndex, onAgain, onCopy, onStop }: CellsProps) {
  const { name, leads, state, isRenewed, createdAtMs, expiresAtMs, endsHereMs } = link;
  const more = moreOf(link);
  const mayEndSooner = state === 'live' && link.mayEndSooner;
  const Icon = icons[state];
  const again = canRenew(link) ? 'Renew' : 'New link';
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
          {isRenewed && ' · renewed'}
        </span>
      </div>
      <div role="gridcell" className="link-made num" title={formatTime(createdAtMs)}>
        {formatDate(createdAtMs)}
      </div>
      <div role="gridcell" className="job-actions">
        {state === 'live' && leads === 'here' && (
          <Button
            look="plain"
            isSmall
            tabIndex={tabIndex}
            aria-label={`Copy the link to ${printable(name)} again`}
            title="Copy the link again"
            onClick={onCopy}
          >
            <Copy className="icon" aria-hidden />
          </Button>
        )}
        {state === 'live' && leads === 'here' && (
          <Button
            look="plain"
            isSmall
            tabIndex={tabIndex}
            aria-label={`Stop the link to ${printable(name)}`}
            title="Stop the link…"
            onClick={onStop}
          >
            <Ban className="icon" aria-hidden />
          </Button>
        )}
        {state !== 'dead' && leads !== 'elsewhere' && (
          <Button
            isSmall
            tabIndex={tabIndex}
            aria-label={`${canRenew(link) ? 'Renew the link' : 'New link'} to ${printable(name)}`}
            onClick={onAgain}
          >
            {again}
          </Button>
        )}
      </div>
    </>
  );
}
