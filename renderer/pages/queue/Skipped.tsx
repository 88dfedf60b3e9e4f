/** @file What was not taken from the watched folders, and by which rule. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleSlash, EyeOff } from 'lucide-react';
import type { SkippedView } from '#shared/api/queue-view.ts';
import { count, formatNumber, formatTime, printable, withCapital } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { withSize } from '../../components/columns.ts';
import { Empty } from '../../components/Empty.tsx';
import { Grid } from '../../components/Grid.tsx';
import { Name } from '../../components/Name.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useIsStacked } from '../../hooks/useMediaQuery.ts';
import { show } from '../../hooks/useView.ts';

const source = {
  queryKey: ['skipped'],
  fetchPage: (offset: number, limit: number) => api.listSkipped({ offset, limit }),
};

export function Skipped() {
  const isStacked = useIsStacked();
  return (
    <>
      <About />
      <Grid
        label="Not taken from the folders"
        source={source}
        columns={['Name', 'Why']}
        template={isStacked ? 'minmax(0, 1fr)' : withSize}
        isStacked={isStacked}
        rowHeight={isStacked ? 84 : 62}
        idOf={(row) => row.path}
        empty={
          <Empty
            icon={CircleSlash}
            title="Nothing was left out"
            text="Each file in your folders is a recording that is uploaded or waits for it."
          />
        }
      >
        {(row) => <Cells row={row} />}
      </Grid>
    </>
  );
}

/** How old this is, and how a file of it is taken after all. */
function About() {
  const { data } = useQuery({
    queryKey: ['skipped', 'about'],
    queryFn: () => api.listSkipped({ offset: 0, limit: 1 }),
  });
  const look = useAction(() => api.lookAgain({}), { changes: ['skipped', 'status'] });
  if (data === undefined) return null;
  const { lookedAtMs, beyond, total } = data;
  return (
    <div className="note" role="note">
      <EyeOff className="icon" aria-hidden />
      <div className="note-text">
        <p>
          These files are not uploaded. They stay where they are. To have one of them uploaded,
          change its folder’s rule in Settings.
        </p>
        <p className="hint">
          {lookedAtMs === null
            ? 'Your folders are being looked through.'
            : `As of ${formatTime(lookedAtMs)}.`}
          {beyond > 0 && ` ${count(total, 'file')} of ${formatNumber(total + beyond)} are listed.`}
        </p>
      </div>
      <div className="buttons">
        <Button onClick={() => show('settings')}>Open Settings</Button>
        <Button isBusy={look.isPending} onClick={() => look.mutate(undefined)}>
          Look again
        </Button>
      </div>
    </div>
  );
}

function Cells({ row: { name, folder, reason, isUnreadable } }: Readonly<{ row: SkippedView }>) {
  const Icon = isUnreadable ? CircleAlert : CircleSlash;
  return (
    <>
      <div role="gridcell" className="job-name">
        <Name text={name} />
        <span className="job-place clip">{printable(folder)}</span>
      </div>
      <div role="gridcell" className="job-state skipped-why">
        <span className={isUnreadable ? 'state state-help' : 'state state-aside'}>
          <Icon className="icon" aria-hidden />
          <span className="clip" title={printable(reason)}>
            {printable(withCapital(reason))}
          </span>
        </span>
      </div>
    </>
  );
}
