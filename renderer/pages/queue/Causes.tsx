/** @file What needs a person, told once for each cause and not once for each file. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { ApiOutput } from '#shared/api.ts';
import { count, formatNumber, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellJob } from '../../words/troubles.ts';
import { useUploadAnyway, type Those } from './Decide.tsx';

const useCauses = () => useQuery({ queryKey: ['causes'], queryFn: () => api.listCauses({}) });

/** In one line: how many files need a person, and why. */
export function HelpWanted({ onShow }: Readonly<{ onShow: () => void }>) {
  const { data = [] } = useCauses();
  if (data.length === 0) return null;
  const files = data.reduce((sum, cause) => sum + cause.files, 0);
  const [one, ...others] = data;
  const why =
    one && others.length === 0
      ? `${tellJob(one).title}.`
      : data.map((cause) => `${tellJob(cause).title}: ${cause.files}`).join(' · ');
  return (
    <section className="note note-help note-line" aria-label="What needs you">
      <CircleAlert className="icon" aria-hidden />
      <p>
        <strong>
          {count(files, 'file')} need{files === 1 && 's'} you.
        </strong>{' '}
        {why}
      </p>
      <div className="buttons">
        <Button isSmall onClick={onShow}>
          Show what to do
        </Button>
      </div>
    </section>
  );
}

type DismissProps = Readonly<{ onDismiss: (those: Those) => void }>;

/** So many that the list below is in sight, too. */
const SHOWN_CAUSES = 2;

/** Each card whole, however low the window is; where there are many, the rest on request. */
export function Causes({ onDismiss }: DismissProps) {
  const { data } = useCauses();
  const [isWhole, setWhole] = useState(false);
  if (data === undefined || data.length === 0) return null;
  const shown = isWhole ? data : data.slice(0, SHOWN_CAUSES);
  const more = data.length - SHOWN_CAUSES;
  return (
    <div className="causes">
      {shown.map((cause) => (
        <CauseCard key={`${cause.code} ${cause.canRetry}`} cause={cause} onDismiss={onDismiss} />
      ))}
      {more > 0 && (
        <Button
          look="plain"
          isSmall
          className="causes-more"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? 'Show fewer reasons' : `Show ${count(more, 'more reason')}`}
        </Button>
      )}
    </div>
  );
}

type Cause = ApiOutput<'listCauses'>[number];

function CauseCard({ cause, onDismiss }: Readonly<{ cause: Cause }> & DismissProps) {
  const { code, files, name, note, canRetry } = cause;
  const { show } = useNotices();
  const retry = useAction(() => api.retryJobs({ ids: [], code }), {
    changes: ['jobs', 'causes', 'status'],
    onDone: ({ retried }) => show(`${count(retried, 'file')} tried again.`),
  });
  const send = useUploadAnyway();
  const telling = { ...tellJob(cause), ...(note !== null && { what: note }) };
  const who = files === 1 ? printable(name) : count(files, 'file');
  const those: Those = { ids: [], code, who, files };
  const uploadAnyway = files === 1 ? 'Upload anyway' : `Upload all ${files} anyway`;
  const all = files === 1 ? '' : ` all ${formatNumber(files)}`;
  const again = code === 'infected' ? 'Scan again' : 'Retry';
  return (
    <Trouble isQuiet telling={{ ...telling, isWaiting: false }} title={`${who}: ${telling.title}`}>
      {canRetry && (
        <Button
          isBusy={retry.isPending}
          onClick={() => retry.mutate(undefined)}
          aria-label={`${again}${files === 1 ? '' : ' all'}: ${who}, ${telling.title}`}
        >
          <RotateCw className="icon" aria-hidden />
          {`${again}${all}`}
        </Button>
      )}
      {!canRetry && code !== 'needs-class' && (
        <Button
          isBusy={send.isPending}
          onClick={() => send.mutate(those)}
          aria-label={`${uploadAnyway}: ${who}, ${telling.title}`}
        >
          {uploadAnyway}
        </Button>
      )}
      {(!canRetry || code === 'file-gone' || code === 'infected') && (
        <Button
          look="plain"
          onClick={() => onDismiss(those)}
          aria-label={`Dismiss${all}: ${who}, ${telling.title}`}
        >
          {`Dismiss${all}`}
        </Button>
      )}
    </Trouble>
  );
}
