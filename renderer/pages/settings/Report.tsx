import { CircleAlert, CircleCheck, CircleHelp, CircleMinus, Lightbulb } from 'lucide-react';
import {
  differenceToGuide,
  isNeeded,
  minimalPolicy,
  s3ActionNames,
  s3Actions,
} from '#shared/policy.ts';
import type { Permission, S3Action } from '#shared/policy.ts';
import { count, printable } from '#shared/format.ts';
import { factNames, factTitles, isActionCheck, type Report } from '#shared/report.ts';
import type { Check } from '#shared/report.ts';
import { Copyable } from '../../components/Copyable.tsx';
import { inWindow } from '../../words/troubles.ts';

/** What is not as it should be, first what does not work; nothing when all is well. */
export function Findings({ report }: Readonly<{ report: Report }>) {
  const found = report.checks
    .filter((check) => !check.ok || (check.remedy !== undefined && !isQuiet(report, check)))
    .toSorted((a, b) => Number(a.ok) - Number(b.ok));
  if (found.length === 0) return null;
  return <CheckList checks={found} label="What the test found" />;
}

/** What could not be asked is no finding, nor what few are meant to be allowed: the table says so. */
const isQuiet = ({ permissions }: Report, check: Check) =>
  isActionCheck(check) &&
  (permissions[check.id as S3Action] === 'unknown' || !isNeeded(check.id as S3Action));

type Place = Readonly<{ bucket: string; region: string }>;

/** All of it, folded: what each check gave, what the account may, how the bucket is set up, what to ask for. */
export function ReportDetails({ report, place }: Readonly<{ report: Report; place?: Place }>) {
  const { checks, permissions, facts } = report;
  const allowed = s3ActionNames.filter((name) => permissions[name] === 'allowed').length;
  const actions = checks.filter(isActionCheck);
  const advices = factNames.filter((name) => facts[name].advice !== undefined).length;
  return (
    <div className="report">
      <details>
        <summary>All checks of the connection</summary>
        <CheckList
          checks={checks.filter((check) => !isActionCheck(check))}
          label="All checks of the connection"
        />
      </details>
      {actions.length > 0 && (
        <>
          <details>
            <summary>
              What this account may do{' '}
              <span className="hint">
                {allowed} of {s3ActionNames.length} allowed
              </span>
            </summary>
            <Matrix permissions={permissions} checks={actions} />
          </details>
          <details>
            <summary>
              How the bucket is set up{' '}
              {advices > 0 && <span className="hint">{count(advices, 'note')}</span>}
            </summary>
            <Facts facts={facts} />
          </details>
        </>
      )}
      {place !== undefined && place.bucket !== '' && (
        <details>
          <summary>The policy that is enough, for your admin</summary>
          <Policy {...place} />
        </details>
      )}
    </div>
  );
}

function CheckList({ checks, label }: Readonly<{ checks: readonly Check[]; label: string }>) {
  return (
    <ul className="check-list" aria-label={label}>
      {checks.map((check) => (
        <CheckRow key={check.id} check={check} />
      ))}
    </ul>
  );
}

/** A remedy beside `ok` says what could be better; nothing is broken then. */
function CheckRow({ check }: Readonly<{ check: Check }>) {
  const { ok, title, detail, remedy } = check;
  const [Icon, tone, word] = !ok
    ? ([CircleAlert, 'state-help', 'Does not work'] as const)
    : remedy === undefined
      ? ([CircleCheck, 'state-done', 'Works'] as const)
      : ([CircleMinus, 'state-waiting', isActionCheck(check) ? 'Not allowed' : 'Note'] as const);
  // Whether an action is allowed is in the word.
  const more = isActionCheck(check) ? check.id : detail;
  return (
    <li className={tone}>
      <Icon className="icon" aria-hidden />
      <div>
        <span className="check-title">
          <span className="unseen">{word}: </span>
          {title}
        </span>
        {more && <span className="hint"> — {inWindow(printable(more))}</span>}
        {remedy && <p className={ok ? 'hint' : undefined}>{inWindow(printable(remedy))}</p>}
      </div>
    </li>
  );
}

const looks = {
  allowed: [CircleCheck, 'state-done', 'Allowed'],
  denied: [CircleAlert, 'state-help', 'Denied'],
  unknown: [CircleHelp, 'state-waiting', 'Not known'],
} as const satisfies Record<Permission, unknown>;

function Matrix({
  permissions,
  checks,
}: Pick<Report, 'permissions'> & Readonly<{ checks: readonly Check[] }>) {
  return (
    <table className="matrix">
      <thead>
        <tr>
          <th scope="col">What it is for</th>
          <th scope="col">This account</th>
        </tr>
      </thead>
      <tbody>
        {checks.map(({ id, remedy }) => {
          const action = id as S3Action;
          const [Icon, tone, word] = looks[permissions[action]];
          return (
            <tr key={action}>
              <th scope="row">
                {s3Actions[action].does}
                <code>{action}</code>
                {remedy && <p className="hint">{printable(remedy)}</p>}
              </th>
              <td className={tone}>
                <Icon className="icon" aria-hidden />
                {word}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Facts({ facts }: Pick<Report, 'facts'>) {
  return (
    <ul className="check-list" aria-label="How the bucket is set up">
      {factNames.map((name) => {
        const { value, advice } = facts[name];
        const isUnseen = value === 'unknown';
        const Icon = isUnseen ? CircleHelp : advice === undefined ? CircleCheck : Lightbulb;
        return (
          <li key={name} className={advice === undefined ? 'state-done' : 'state-waiting'}>
            <Icon className="icon" aria-hidden />
            <div>
              <span className="check-title">{factTitles[name]}</span>
              <span className="hint"> — {isUnseen ? 'not known' : printable(value)}</span>
              {advice && <p className="hint">{printable(advice)}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Policy({ bucket, region }: Place) {
  const text = JSON.stringify(minimalPolicy(bucket, region), undefined, 2);
  const { missing, surplus } = differenceToGuide();
  return (
    <>
      <p className="hint">
        Recordings and files can be uploaded, verified, shared, downloaded and deleted with it, in
        the three places where they are kept and nowhere else. Bringing back what was deleted, and
        making archived recordings readable, take policies of their own: they are in “Set up the
        bucket”.
      </p>
      <Copyable text={text} what="Policy" />
      <p>Compared with the policy of the guide, it</p>
      <ul className="plain-list" aria-label="Difference to the policy of the guide">
        {missing.map((action) => (
          <li key={action}>
            adds <code>{action}</code>: {s3Actions[action].does.toLowerCase()}
          </li>
        ))}
        {surplus.map((action) => (
          <li key={action}>
            leaves out <code>{action}</code>, which nothing here needs
          </li>
        ))}
        <li>
          is for <code>audio/</code>, <code>documents/</code> and <code>uploads/</code> only, not
          for every object
        </li>
      </ul>
    </>
  );
}
