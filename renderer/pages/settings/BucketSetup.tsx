import { useQuery } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { bucketPolicy, corsText, setupSteps, type Place } from '#shared/bucket-setup.ts';
import { count, printable } from '#shared/format.ts';
import {
  lifecycleWarnings,
  recommended,
  type LifecycleChoices,
  type RuleChange,
} from '#shared/lifecycle.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Copyable } from '../../components/Copyable.tsx';
import { Ask } from '../../components/Dialog.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';
import { RuleChoices } from './RuleChoices.tsx';

/** For whoever looks after the bucket: rules and policies, shown first, and applied on purpose. */
export function BucketSetup({ place }: Readonly<{ place: Place }>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="setup" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Set up the bucket, for its admin</summary>
      {isOpen && <Setup place={place} />}
    </details>
  );
}

function Setup({ place }: Readonly<{ place: Place }>) {
  const [choices, setChoices] = useState<LifecycleChoices>(recommended);
  const plan = useQuery({
    queryKey: ['rules', choices],
    queryFn: () => api.planRules({ choices }),
    // What others change is not to be missed.
    gcTime: 0,
    retry: false,
  });
  return (
    <div className="setup-body">
      <h3>Lifecycle rules</h3>
      <p className="hint">What the storage does by itself with what is kept for long.</p>
      <RuleChoices choices={choices} onChoices={setChoices} />
      {plan.error && <Failure error={plan.error} onRetry={plan.refetch} />}
      {plan.isPending && <p className="muted soon">Looking at the rules of the bucket…</p>}
      {plan.data && (
        <Difference plan={plan.data} choices={choices} onLookAgain={() => void plan.refetch()} />
      )}
      <details>
        <summary>Commands and policies, to hand on</summary>
        <ul className="setup-steps">
          {setupSteps(place, plan.data?.next).map(({ title, command, note }) => (
            <li key={title}>
              <p className="check-title">{title}</p>
              {note && <p className="hint">{note}</p>}
              <Copyable text={command} what={`Command: ${title}`} />
            </li>
          ))}
          <li>
            <p className="check-title">Policy of the bucket</p>
            <Copyable
              text={JSON.stringify(bucketPolicy(place), undefined, 2)}
              what="Bucket policy"
            />
          </li>
          <li>
            <p className="check-title">CORS</p>
            <p className="hint">{corsText}</p>
          </li>
        </ul>
      </details>
    </div>
  );
}

type Plan = Awaited<ReturnType<typeof api.planRules>>;

function Difference({
  plan,
  choices,
  onLookAgain,
}: Readonly<{ plan: Plan; choices: LifecycleChoices; onLookAgain: () => void }>) {
  const [isAsking, setAsking] = useState(false);
  const { show } = useNotices();
  const apply = useAction(() => api.applyRules({ choices, seen: plan.seen }), {
    changes: ['rules'],
    onDone({ rules }) {
      show(`Applied. The bucket has ${count(rules, 'lifecycle rule')} now.`);
      setAsking(false);
    },
  });
  const close = () => {
    setAsking(false);
    if (apply.error) onLookAgain();
    apply.reset();
  };
  const warnings = lifecycleWarnings(choices);
  return (
    <>
      <Changes changes={plan.changes} />
      <Warnings texts={warnings} />
      {plan.isSame ? (
        <p className="hint">The bucket has these rules already.</p>
      ) : (
        <div className="buttons">
          <Button onClick={() => setAsking(true)}>
            <ListChecks className="icon" aria-hidden />
            Apply to the bucket…
          </Button>
        </div>
      )}
      <Ask
        isOpen={isAsking}
        onClose={close}
        title="Change the rules of the bucket?"
        description="They hold for everybody who uses the bucket. Rules that others made stay as they are."
        verb="Apply"
        isHarmless={choices.endOldVersionsAfterDays === null}
        isBusy={apply.isPending}
        onConfirm={() => apply.mutate(undefined)}
        failure={apply.error && <Trouble telling={tellError(apply.error)} />}
      >
        <Changes changes={plan.changes.filter(({ sign }) => sign !== '=')} />
        <Warnings texts={warnings} />
      </Ask>
    </>
  );
}

function Warnings({ texts }: Readonly<{ texts: readonly string[] }>) {
  if (texts.length === 0) return null;
  return (
    <ul className="class-notes">
      {texts.map((text) => (
        <li key={text} className="wrong-soft">
          {text}
        </li>
      ))}
    </ul>
  );
}

const signs = { '=': 'Stays', '+': 'Added', '-': 'Taken away' } as const;

function Changes({ changes }: Readonly<{ changes: readonly RuleChange[] }>) {
  if (changes.length === 0) return <p className="hint">The bucket has no rules.</p>;
  return (
    <ul className="rule-changes" aria-label="What becomes of the rules">
      {changes.map(({ sign, text }) => (
        <li key={sign + text} className={`rule-${signs[sign].split(' ')[0]?.toLowerCase()}`}>
          <span className="rule-sign">{signs[sign]}</span>
          <span>{printable(text)}</span>
        </li>
      ))}
    </ul>
  );
}
