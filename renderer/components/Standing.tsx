/** @file What keeps the whole engine from working, told on top of each page. */
import { FlaskConical, Settings2, ShieldAlert } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { StatusView } from '#shared/api.ts';
import { api } from '../api.ts';
import { NotAnswering } from '../not-answering.ts';
import { useAction } from '../hooks/useAction.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { show } from '../hooks/useView.ts';
import { tell } from '../words/troubles.ts';
import { tellError } from '../words/failures.ts';
import { Button } from './Button.tsx';
import { Countdown } from './Clock.tsx';
import { RecoveryNote } from './RecoveryNote.tsx';
import { Empty } from './Empty.tsx';
import { Trouble } from './Trouble.tsx';

/** `children` once the engine is open; until then what is in the way, and the way on. */
export function Standing({ children }: Readonly<{ children: ReactNode }>) {
  const status = useStatus();
  if (status.data === undefined)
    return status.error ? (
      <Silent error={status.error} onRetry={() => void status.refetch()} />
    ) : (
      <p className="muted soon">Opening the list of recordings…</p>
    );
  if (status.error instanceof NotAnswering)
    return (
      <>
        <Silent error={status.error} onRetry={() => void status.refetch()} />
        {children}
      </>
    );
  const { mode, trouble, warning, recovery } = status.data;
  if (mode === 'no-settings') return <Unconnected />;
  return (
    <>
      <StandingWarning key={warning} text={warning} />
      {mode === 'demo' && <DemoNote />}
      <StandingTrouble mode={mode} trouble={trouble} />
      <RecoveryNote text={recovery} />
      {mode !== 'broken' && children}
    </>
  );
}

const readOut = { warning: null, trouble: null } as Record<'warning' | 'trouble', string | null>;

/** Whether nobody has heard it yet: each page shows it anew, and it is read out once, when it appears. */
function useIsNews(kind: keyof typeof readOut, text: string | null): boolean {
  const [isNews] = useState(() => readOut[kind] !== text);
  useEffect(() => {
    readOut[kind] = text;
  }, [kind, text]);
  return isNews;
}

/** What is not as it should be while all goes on. Its text is its key. */
export function StandingWarning({ text }: Readonly<{ text: string | null }>) {
  const isNews = useIsNews('warning', text);
  if (text === null) return null;
  return (
    <div className="note note-help" role="note">
      <ShieldAlert className="icon" aria-hidden />
      <div className="note-text" role={isNews ? 'alert' : undefined}>
        {text.split('\n').map((line) => (
          <StandingLine key={line} line={line} />
        ))}
      </div>
    </div>
  );
}

/** Its first sentence is its title, as in all other notes. */
function StandingLine({ line }: Readonly<{ line: string }>) {
  const [title = '', ...rest] = line.split(/(?<=\.) /);
  return (
    <div>
      <strong>{title}</strong>
      <p>{rest.join(' ')}</p>
    </div>
  );
}

function Silent({ error, onRetry }: Readonly<{ error: unknown; onRetry: () => void }>) {
  return (
    <Trouble telling={tellError(error)}>
      <Button onClick={onRetry}>Try now</Button>
    </Trouble>
  );
}

/** Nobody shall take for safe what goes with the demo. */
function DemoNote() {
  return (
    <div className="note" role="note">
      <FlaskConical className="icon" aria-hidden />
      <p className="note-text">
        This is a demo. What it stores is removed when Pan-Sea Sync ends: do not put real recordings
        into it.
      </p>
      <div className="buttons">
        <Button onClick={() => show('settings')}>Use your own storage</Button>
      </div>
    </div>
  );
}

/** What keeps all of it from working, with what can be pressed. */
export function StandingTrouble({ mode, trouble }: Pick<StatusView, 'mode' | 'trouble'>) {
  const Shown = mode === 'broken' ? Shut : StorageTrouble;
  return <Shown key={trouble?.code} trouble={trouble} />;
}

function StorageTrouble({ trouble }: Readonly<{ trouble: StatusView['trouble'] }>) {
  const isNews = useIsNews('trouble', trouble?.code ?? null);
  const tryNow = useAction(() => api.tryStorageNow({}), { changes: ['status'] });
  if (trouble === null) return null;
  const { code, detail, nextTryAtMs } = trouble;
  return (
    <Trouble telling={tell(code, detail)} isQuiet={!isNews}>
      {nextTryAtMs !== null && (
        <>
          <span className="hint num">
            <Countdown untilMs={nextTryAtMs} before="Tries again in" after="Trying now" />
          </span>
          <Button isBusy={tryNow.isPending} onClick={() => tryNow.mutate(undefined)}>
            Try now
          </Button>
        </>
      )}
    </Trouble>
  );
}

/** Something keeps the library from being opened. */
function Shut({ trouble }: Readonly<{ trouble: StatusView['trouble'] }>) {
  const isNews = useIsNews('trouble', trouble?.code ?? null);
  const again = useAction(() => api.openAgain({}), { changes: ['status'] });
  if (trouble === null) return null;
  return (
    <Trouble telling={tell(trouble.code, trouble.detail)} isQuiet={!isNews}>
      <Button isBusy={again.isPending} onClick={() => again.mutate(undefined)}>
        {again.isPending ? 'Trying…' : 'Try again'}
      </Button>
    </Trouble>
  );
}

/** Before anything is set up: what this is, and the first step. */
function Unconnected() {
  return (
    <Empty
      icon={Settings2}
      title="Connect your storage first"
      text="Pan-Sea Sync copies recordings from folders on this computer into your school’s bucket and checks each one. Tell it which bucket, then choose a folder."
    >
      <Button look="main" onClick={() => show('settings')}>
        Open Settings
      </Button>
    </Empty>
  );
}
