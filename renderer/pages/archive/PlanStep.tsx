import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { costText, timeText } from '#shared/estimate.ts';
import { count, printable } from '#shared/format.ts';
import type { PlanView } from '#shared/migration-view.ts';
import { planProblems } from '#shared/plan.ts';
import { pathId } from '#shared/recording.ts';
import { api } from '../../api.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Fact } from '../../components/Fact.tsx';
import { PathField } from '../../components/PathField.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { filesText } from '../../words/migration.ts';
import { formatTime } from '../../words/time.ts';
import { Named, Step, StepTrouble } from './Step.tsx';
import type { StepProps } from './step-props.ts';

const EXAMPLE = `path,class_id,user_id,kind
2023/bio,bio-101,,
papers/*.pdf,,teacher-9,documents
`;

/** What would go where, and what is in the way. Nothing is sent. */
export function PlanStep({ migration, plan, can, state }: StepProps) {
  const isBusy = migration.working !== null;
  const form = !isBusy && <PlanForms can={can} userId={migration.userId} />;
  return (
    <Step step={1} title="Plan" state={state} migration={migration} works={['plan', 'open']}>
      {plan === null ? (
        <>
          <p className="muted">
            Looks at every file of an archive, and writes down where it would go. Nothing is sent,
            and nothing is changed.
          </p>
          {form}
        </>
      ) : (
        <>
          <PlanFacts plan={plan} canReveal={can.reveal} />
          {form && (
            <details>
              <summary>Make or open another plan</summary>
              {form}
            </details>
          )}
        </>
      )}
    </Step>
  );
}

function PlanForms({ can, userId }: Readonly<{ can: StepProps['can']; userId: string }>) {
  const [root, setRoot] = useState('');
  const [mapping, setMapping] = useState('');
  const [sender, setSender] = useState(userId);
  const [file, setFile] = useState('');
  const ref = useHandOver<HTMLDivElement>();
  const make = useAction(api.planMigration, { changes: ['migration'] });
  const open = useAction(api.openPlan, { changes: ['migration'] });
  const chooseFile = (what: 'mapping' | 'plan') =>
    can.chooseFolder ? () => api.chooseFile({ what }) : undefined;
  const isSender = pathId.safeParse(sender).success;
  const isReady = root !== '' && mapping !== '' && isSender;
  return (
    <div className="step-forms" ref={ref}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) make.mutate({ root, mapping, userId: sender });
        }}
      >
        <PathField
          label="The archive’s folder"
          value={root}
          onText={setRoot}
          choose={can.chooseFolder ? () => api.chooseFolder({}) : undefined}
        />
        <PathField
          label="The mapping"
          hint="A CSV that says which class each file or folder belongs to."
          value={mapping}
          onText={setMapping}
          choose={chooseFile('mapping')}
        />
        <details>
          <summary>What a mapping looks like</summary>
          <div className="json">
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
            <pre tabIndex={0} role="region" aria-label="Example of a mapping">
              {EXAMPLE}
            </pre>
            <CopyButton text={EXAMPLE} what="Example" />
          </div>
          <p className="hint">
            A path is below the archive’s folder: a file, a folder for all that is in it, or a
            pattern. The last two columns may be missing. A file without a line is not sent, and
            keeps no other from it.
          </p>
        </details>
        <TextField
          label="Who sends"
          required
          maxLength={128}
          hint="Where a line of the mapping names nobody."
          wrong={
            sender === '' || isSender
              ? undefined
              : 'Letters, digits, dot, dash and underscore, starting with a letter or digit.'
          }
          value={sender}
          onText={setSender}
        />
        <div className="buttons">
          <button
            type="submit"
            className="button button-main"
            disabled={!isReady}
            aria-disabled={make.isPending}
          >
            Make the plan
          </button>
        </div>
        {make.error && <StepTrouble error={make.error} />}
      </form>
      <details>
        <summary>Open a plan that is there already</summary>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (file !== '') open.mutate({ file });
          }}
        >
          <PathField
            label="The plan’s file"
            value={file}
            onText={setFile}
            choose={chooseFile('plan')}
          />
          <div className="buttons">
            <button
              type="submit"
              className="button"
              disabled={file === ''}
              aria-disabled={open.isPending}
            >
              Open the plan
            </button>
          </div>
          {open.error && <StepTrouble error={open.error} />}
        </form>
      </details>
    </div>
  );
}

function PlanFacts({ plan, canReveal }: Readonly<{ plan: PlanView; canReveal: boolean }>) {
  const { id, root, file, files, bytes, summary } = plan;
  const { problems, groups, estimate, madeAt } = summary;
  const reveal = useAction(() => api.revealPlan({ plan: id }), { changes: [] });
  return (
    <>
      <Named
        label="What is in the way"
        groups={problems.toSorted((a, b) => blocking(b.why) - blocking(a.why))}
        titleOf={problemTitle}
      />
      <p>
        <strong>{filesText({ files, bytes })}</strong>{' '}
        {files === 1 ? 'is to be sent.' : 'are to be sent.'}
      </p>
      <dl>
        <Fact term="Archive">{printable(root)}</Fact>
        <Fact term="Made">{formatTime(Date.parse(madeAt))}</Fact>
        <Fact term="Where to">{groupText(groups.classes)}</Fact>
        <Fact term="What">{groupText(groups.types)}</Fact>
        <Fact term="Years">{groupText(groups.years)}</Fact>
        <Fact term="Time">{timeText(estimate)}</Fact>
        <Fact term="Cost">{costText(estimate)}</Fact>
        <Fact term="The plan’s file">{printable(file)}</Fact>
      </dl>
      {canReveal && (
        <div className="buttons">
          <button type="button" className="button" onClick={() => reveal.mutate(undefined)}>
            <FolderOpen className="icon" aria-hidden />
            Show the plan’s file
          </button>
        </div>
      )}
      {reveal.error && <StepTrouble error={reveal.error} />}
    </>
  );
}

const blocking = (problem: keyof typeof planProblems): number =>
  Number(planProblems[problem].blocks);

function problemTitle(problem: keyof typeof planProblems): string {
  const { title, blocks } = planProblems[problem];
  return blocks ? `${title}. Not in the plan.` : title;
}

function groupText({ some, more }: PlanView['summary']['groups']['classes']): string {
  const parts = some.map(
    ({ name, files, bytes }) =>
      `${name === '' ? 'without ending' : printable(name)}: ${filesText({ files, bytes })}`,
  );
  return [...parts, ...(more > 0 ? [`and ${count(more, 'other')}`] : [])].join(' · ') || 'Nothing';
}
