import { FolderOpen } from 'lucide-react';
import { costText, othersText, timeText } from '#shared/migration/estimate.ts';
import { count, formatTime, printable, withCapital } from '#shared/format.ts';
import type { PlanView } from '#shared/api/migration-view.ts';
import { planProblems } from '#shared/migration/plan.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Fact } from '../../components/Fact.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { filesText } from '../../words/migration.ts';
import { PlanForms } from './PlanForms.tsx';
import { Plans } from './Plans.tsx';
import { Step } from './Step.tsx';
import { Named } from './Named.tsx';
import type { StepProps } from './step-props.ts';
import { WhileIdle } from './WhileIdle.tsx';

/** What would go where, and what is in the way. Nothing is sent. */
export function PlanStep({ migration, plan, can, state }: StepProps) {
  const form = <PlanForms userId={migration.userId} />;
  return (
    <Step step={1} title="Plan" state={state} migration={migration} works={['plan', 'open']}>
      {plan === null ? (
        <>
          <p className="muted">
            Looks at every file of an archive, and writes down where it would go. Nothing is sent,
            and nothing is changed.
          </p>
          <WhileIdle migration={migration}>{form}</WhileIdle>
        </>
      ) : (
        <>
          <PlanFacts plan={plan} canReveal={can.reveal} />
          <WhileIdle migration={migration} key={`${plan.id} ${plan.file}`}>
            <details>
              <summary>Make or open another plan</summary>
              <Plans shown={plan.id} />
              <h3>Another plan</h3>
              {form}
            </details>
          </WhileIdle>
        </>
      )}
    </Step>
  );
}

function PlanFacts({ plan, canReveal }: Readonly<{ plan: PlanView; canReveal: boolean }>) {
  const { id, root, file, files, bytes, summary } = plan;
  const { problems, groups, estimate, madeAt } = summary;
  const { sends = { files, bytes } } = estimate;
  const reveal = useAction(() => api.revealPlan({ plan: id }), { changes: [] });
  return (
    <>
      <Named
        label="What is in the way"
        plan={id}
        list="problems"
        groups={problems.toSorted((a, b) => blocking(b.why) - blocking(a.why))}
        titleOf={problemTitle}
      />
      <p>
        <strong>{filesText(sends)}</strong>{' '}
        {sends.files === 1 ? 'is to be sent.' : 'are to be sent.'}
        {othersText({ files, bytes }, estimate)}
      </p>
      <dl>
        <Fact term="Archive">{printable(root)}</Fact>
        <Fact term="Made">{formatTime(Date.parse(madeAt))}</Fact>
        <Fact term="Where to">{groupText(groups.classes)}</Fact>
        <Fact term="What">{groupText(groups.types)}</Fact>
        <Fact term="Years">{groupText(groups.years)}</Fact>
        <Fact term="Time">{timeText(estimate)}</Fact>
        <Fact term="Cost">{withCapital(costText(estimate))}</Fact>
        <Fact term="The plan’s file">{printable(file)}</Fact>
      </dl>
      {canReveal && (
        <div className="buttons">
          <Button onClick={() => reveal.mutate(undefined)}>
            <FolderOpen className="icon" aria-hidden />
            Show the plan’s file
          </Button>
        </div>
      )}
      {reveal.error && <Failure error={reveal.error} />}
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
