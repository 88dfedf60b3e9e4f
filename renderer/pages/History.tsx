import { useQuery } from '@tanstack/react-query';
import {
  CircleAlert,
  CircleCheck,
  CircleMinus,
  Clock3,
  Download,
  ScrollText,
  type LucideIcon,
} from 'lucide-react';
import { useMemo, useState } from 'react';
import { formatDay, formatTime, printable } from '#shared/format.ts';
import {
  historyNames,
  historyText,
  toneOf,
  type HistoryLine,
  type HistoryTone,
} from '#shared/api/history.ts';
import { api } from '../api.ts';
import { Button } from '../components/Button.tsx';
import { Empty } from '../components/Empty.tsx';
import { Grid } from '../components/Grid.tsx';
import { useNotices } from '../components/Notice.tsx';
import { PageHead } from '../components/PageHead.tsx';
import { Select } from '../components/Select.tsx';
import { Standing } from '../components/Standing.tsx';
import { Trouble } from '../components/Trouble.tsx';
import { useAction } from '../hooks/useAction.ts';
import { useIsNarrow } from '../hooks/useMediaQuery.ts';
import { tellError } from '../words/failures.ts';

/** What happened while nobody looked, the newest first. */
export function HistoryPage() {
  const [classId, setClassId] = useState<string | null>(null);
  const { data } = useQuery({
    queryKey: ['history', 'about'],
    queryFn: () => api.listHistory({ classId: null, offset: 0, limit: 1 }),
  });
  const { show } = useNotices();
  const save = useAction(() => api.exportHistory({ classId }), {
    changes: [],
    onDone: ({ path }) => path !== null && show(`Saved as ${printable(path)}.`),
  });
  const hasAny = (data?.total ?? 0) > 0;
  return (
    <>
      <PageHead title="History" text="What happened on this computer, also while you were away.">
        {hasAny && (
          <div className="buttons">
            {(data?.classes.length ?? 0) > 0 && (
              <label>
                <span className="unseen">Of which class</span>
                <Select
                  value={classId ?? ''}
                  onChange={(event) => setClassId(event.target.value || null)}
                >
                  <option value="">All of it</option>
                  {data?.classes.map((id) => (
                    <option key={id} value={id}>
                      {printable(id)}
                    </option>
                  ))}
                </Select>
              </label>
            )}
            <Button isBusy={save.isPending} onClick={() => save.mutate(undefined)}>
              <Download className="icon" aria-hidden />
              Save as a table
            </Button>
          </div>
        )}
      </PageHead>
      {save.error && <Trouble telling={tellError(save.error)} />}
      <Standing>
        <Lines classId={classId} />
      </Standing>
    </>
  );
}

function Lines({ classId }: Readonly<{ classId: string | null }>) {
  const isNarrow = useIsNarrow();
  const source = useMemo(
    () => ({
      queryKey: ['history', 'lines', classId],
      fetchPage: (offset: number, limit: number) => api.listHistory({ classId, offset, limit }),
    }),
    [classId],
  );
  return (
    <Grid
      label="What happened"
      source={source}
      columns={['What', 'When']}
      template={isNarrow ? 'minmax(0, 1fr)' : 'minmax(0, 1fr) 190px'}
      isStacked={isNarrow}
      rowHeight={isNarrow ? 96 : 62}
      idOf={({ id }) => id}
      empty={
        <Empty
          icon={ScrollText}
          title="Nothing has happened yet"
          text="From the first folder on, it says here what was uploaded and checked, what waited and why, and what was shared or deleted. The newest 20,000 lines are kept, on this computer only."
        />
      }
    >
      {(line) => <Cells line={line} />}
    </Grid>
  );
}

const icons: Record<HistoryTone, LucideIcon> = {
  done: CircleCheck,
  help: CircleAlert,
  waiting: Clock3,
  aside: CircleMinus,
};

function Cells({ line }: Readonly<{ line: HistoryLine }>) {
  const Icon = icons[toneOf(line)];
  const text = printable(historyText(line, formatTime));
  const names = historyNames(line);
  return (
    <>
      <div role="gridcell" className={`history-what state-${toneOf(line)}`}>
        <Icon className="icon" aria-hidden />
        <span className="history-text">
          <span className="history-said" title={text}>
            {text}
          </span>
          {names !== null && (
            <span className="job-more clip" title={printable(names)}>
              {printable(names)}
            </span>
          )}
        </span>
      </div>
      <div role="gridcell" className="history-when">
        <span>
          <When {...line} />
        </span>
        {line.classId !== null && <span className="clip">{printable(line.classId)}</span>}
      </div>
    </>
  );
}

/** Its end, and of what went on until another day its beginning, too. */
function When({ fromMs, atMs }: Pick<HistoryLine, 'fromMs' | 'atMs'>) {
  return (
    <>
      {formatDay(fromMs) !== formatDay(atMs) && (
        <>
          <span className="num">{formatTime(fromMs)} –</span>{' '}
        </>
      )}
      <span className="num">{formatTime(atMs)}</span>
    </>
  );
}
