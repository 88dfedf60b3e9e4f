import { CircleAlert, CircleCheck, CircleMinus, Stethoscope } from 'lucide-react';
import type { ApiOutput } from '#shared/api.ts';
import type { CheckView } from '#shared/api-connection.ts';
import { count } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useNotices } from '../../components/Notice.tsx';
import { inWindow } from '../../words/troubles.ts';
import { tellError } from '../../words/failures.ts';

/**
 * Tries what uploads will need, and remembers what the storage can do.
 *
 * @param envFile A `.env` file that was read and is not saved yet, in the place of what is set.
 */
export function useTest(envFile?: string) {
  const { say } = useNotices();
  return useAction(() => api.testConnection(envFile === undefined ? {} : { envFile }), {
    changes: ['storage-facts'],
    onDone: (result) => say(verdict(result)),
  });
}

type Test = Readonly<{ test: ReturnType<typeof useTest> }>;

/** Tries what uploads will need, one thing after the other, and says what each gave. */
export function Checks({ canTest, test }: Test & Readonly<{ canTest: boolean }>) {
  return (
    <div className="checks">
      <div className="buttons">
        <TestButton test={test} canTest={canTest} />
        <span className="hint">
          {canTest
            ? 'Writes, reads and deletes a small object of its own.'
            : 'Save a bucket first.'}
        </span>
      </div>
      <TestResult test={test} />
    </div>
  );
}

export function TestButton({
  test,
  canTest = true,
  isMain = false,
}: Test & Readonly<{ canTest?: boolean; isMain?: boolean }>) {
  return (
    <button
      type="button"
      className={isMain ? 'button button-main' : 'button'}
      disabled={!canTest}
      aria-disabled={test.isPending}
      onClick={() => test.mutate(undefined)}
    >
      <Stethoscope className="icon" aria-hidden />
      {test.isPending ? 'Testing…' : 'Test connection'}
    </button>
  );
}

export function TestResult({ test }: Test) {
  return (
    <>
      {test.error && <Trouble telling={tellError(test.error)} />}
      {test.data && (
        <>
          <p>
            <strong>{verdict(test.data)}</strong>
          </p>
          <ul className="check-list" aria-label="What the test found">
            {test.data.checks
              .toSorted((a, b) => Number(a.ok) - Number(b.ok))
              .map((check) => (
                <CheckRow key={check.id} check={check} />
              ))}
          </ul>
        </>
      )}
    </>
  );
}

function verdict({ ok, checks }: ApiOutput<'testConnection'>): string {
  const failed = checks.filter((check) => !check.ok).length;
  if (failed > 0) return `${failed} of ${count(checks.length, 'check')} failed.`;
  return ok ? 'Everything that uploads need works.' : 'The connection does not work.';
}

/** A remedy beside `ok` says what could be better; nothing is broken then. */
function CheckRow({ check }: Readonly<{ check: CheckView }>) {
  const { ok, title, detail, remedy } = check;
  const [Icon, tone, word] = !ok
    ? ([CircleAlert, 'state-help', 'Does not work'] as const)
    : remedy === null
      ? ([CircleCheck, 'state-done', 'Works'] as const)
      : ([CircleMinus, 'state-waiting', 'Not needed'] as const);
  return (
    <li className={tone}>
      <Icon className="icon" aria-hidden />
      <div>
        <span className="check-title">
          <span className="unseen">{word}: </span>
          {title}
        </span>
        {detail && <span className="hint"> — {inWindow(detail)}</span>}
        {remedy && <p className={ok ? 'hint' : undefined}>{remedy}</p>}
      </div>
    </li>
  );
}
