import { CircleCheck, CircleDot, Clock3, Lock, LoaderCircle, type LucideIcon } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import type { StepState } from '#shared/migration/migration-steps.ts';
import type { EndView, MigrationView, WorkName, WorkView } from '#shared/api/migration-view.ts';
import { printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { endText, failedTitle, leftText, progressText, tellEnd } from '../../words/migration.ts';
import { Named } from './Named.tsx';

const looks: Record<StepState['state'] | 'working' | 'aside', { icon: LucideIcon; word: string }> =
  {
    locked: { icon: Lock, word: 'Locked' },
    open: { icon: CircleDot, word: 'To do' },
    working: { icon: LoaderCircle, word: 'Going on' },
    done: { icon: CircleCheck, word: 'Done' },
    aside: { icon: Clock3, word: 'In quarantine' },
  };

type Props = Readonly<{
  step: number;
  title: string;
  state: StepState;
  migration: MigrationView;
  /** What is done in it. */
  works: readonly WorkName[];
  /** Files wait in quarantine for their day. They can be put back, also where nothing else can be done. */
  isWaiting?: boolean;
  children: ReactNode;
}>;

/** One of the five: locked with its reason, open, going on, or done with its proof. */
export function Step(props: Props) {
  const { step, title, state, migration, works, isWaiting = false, children } = props;
  const id = useId();
  const isWorking = migration.working !== null && works.includes(migration.working.work);
  const look = isWorking ? 'working' : isWaiting ? 'aside' : state.state;
  const { icon: Icon, word } = looks[look];
  return (
    <li className={`card step step-${look}`} aria-labelledby={id}>
      <header className="step-head">
        <h2 id={id} tabIndex={-1}>
          {step} · {title}
        </h2>
        <p className="step-state">
          <Icon className="icon" aria-hidden />
          {word}
        </p>
      </header>
      {state.state === 'locked' && <p className="muted">{state.why}</p>}
      {(state.state !== 'locked' || isWaiting) && (
        <>
          {children}
          <Going migration={migration} works={works} />
        </>
      )}
    </li>
  );
}

/** How far what is done is, and how the latest of it ended. */
export function Going({
  migration: { working, ended, plan },
  works,
}: Readonly<Pick<Props, 'migration' | 'works'>>) {
  if (working !== null && works.includes(working.work)) return <Working view={working} />;
  return ended && works.includes(ended.work) ? <Ended end={ended} plan={plan?.id} /> : null;
}

function Working({ view }: Readonly<{ view: WorkView }>) {
  const { done, total } = view;
  const reached =
    total && (total.bytes > 0 ? [done.bytes, total.bytes] : [done.files, total.files]);
  const stop = useAction(() => api.stopMigration({}), { changes: [] });
  return (
    <div className="step-progress">
      <progress
        className="bar"
        aria-label="How far it is"
        {...(reached && { value: reached[0], max: Math.max(1, reached[1]!) })}
      />
      <span className="hint num">{progressText(view)}</span>
      <span className="hint">You may leave this page, or stop it: nothing is lost by that.</span>
      <div className="buttons">
        <Button isBusy={stop.isPending} onClick={() => stop.mutate(undefined)}>
          Stop
        </Button>
      </div>
    </div>
  );
}

const uploads: ReadonlySet<WorkName> = new Set(['run', 'look']);

function Ended({ end, plan }: Readonly<{ end: EndView; plan: string | undefined }>) {
  const { work, trouble, wasStopped, left, saved } = end;
  // Files of the plan are named in the step itself, also after a new start.
  const named = uploads.has(work) ? left.filter(({ why }) => why === 'new') : left;
  return (
    <>
      {trouble && <Trouble title={failedTitle(work)} telling={tellEnd(work, trouble)} />}
      {wasStopped && <p className="hint">It was stopped. Begun again, it goes on where it was.</p>}
      {!trouble && !wasStopped && (left.length > 0 || saved !== null || work === 'look') && (
        <p className="hint">
          {endText(end)}
          {saved !== null && ` It is ${printable(saved)}.`}
        </p>
      )}
      <Named
        label="What was left as it is"
        plan={plan}
        list="left"
        groups={named}
        titleOf={(why) => leftText(work, why)}
      />
    </>
  );
}
