import { CircleAlert, Clock3 } from 'lucide-react';
import type { ReactNode } from 'react';
import { printable } from '#shared/format.ts';
import { Button } from './Button.tsx';
import { useHandOver } from '../hooks/useHandOver.ts';
import { show, useView } from '../hooks/useView.ts';
import type { Telling } from '../words/troubles.ts';

type Props = Readonly<{
  telling: Telling;
  title?: string;
  /** It is not read out as it appears: one of several that are gone through, or read out on another page. */
  isQuiet?: boolean;
  children?: ReactNode;
}>;

/** What happened · is my recording safe · what to do; details folded. Waiting is grey, with a clock. */
export function Trouble({ telling, title, isQuiet = false, children }: Props) {
  const { isWaiting = false, what, safe, todo, detail, goTo } = telling;
  const view = useView();
  const card = useHandOver<HTMLElement>();
  const Icon = isWaiting ? Clock3 : CircleAlert;
  const page = goTo?.split('/')[0];
  const hasWay = page !== undefined && page !== view;
  return (
    <section
      ref={card}
      className={isWaiting ? 'note' : 'note note-help'}
      aria-label={title ?? telling.title}
    >
      <Icon className="icon" aria-hidden />
      <div className="note-text">
        <div className="note-text" role={isQuiet ? undefined : 'alert'}>
          <strong>{title ?? telling.title}</strong>
          {what !== undefined && <p>{printable(what)}</p>}
          <p>{safe}</p>
          <p>{todo}</p>
        </div>
        {detail !== undefined && (
          <details>
            <summary>Details</summary>
            <code>{detail}</code>
          </details>
        )}
      </div>
      {(children || hasWay) && (
        <div className="buttons">
          {goTo !== undefined && hasWay && (
            <Button onClick={() => show(goTo)}>
              {page === 'settings' ? 'Open Settings' : 'Open Library'}
            </Button>
          )}
          {children}
        </div>
      )}
    </section>
  );
}
