import { CircleAlert, CircleCheck, Stethoscope } from 'lucide-react';
import { api } from '../../api.ts';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useNotices } from '../../components/Notice.tsx';
import { tellError } from '../../words/troubles.ts';

/** Tries what uploads will need, one thing after the other, and says what each gave. */
export function Checks({ canTest }: Readonly<{ canTest: boolean }>) {
  const { say } = useNotices();
  const test = useAction(() => api.testConnection({}), {
    changes: [],
    onDone: ({ ok, checks }) =>
      say(
        ok
          ? 'The connection works.'
          : `${checks.filter((check) => !check.ok).length} of ${checks.length} checks failed.`,
      ),
  });
  return (
    <div className="checks">
      <div className="buttons">
        <button
          type="button"
          className="button"
          disabled={!canTest || test.isPending}
          onClick={() => test.mutate(undefined)}
        >
          <Stethoscope className="icon" aria-hidden />
          {test.isPending ? 'Testing…' : 'Test connection'}
        </button>
        <span className="hint">
          {canTest
            ? 'Writes, reads and deletes a small object of its own.'
            : 'Save a bucket first.'}
        </span>
      </div>
      {test.error && <Trouble telling={tellError(test.error)} />}
      {test.data && (
        <ul className="check-list" aria-label="What the test found">
          {test.data.checks.map(({ id, ok, title, detail, remedy }) => (
            <li key={id} className={ok ? 'state-done' : 'state-help'}>
              {ok ? (
                <CircleCheck className="icon" aria-hidden />
              ) : (
                <CircleAlert className="icon" aria-hidden />
              )}
              <div>
                <span className="check-title">
                  <span className="unseen">{ok ? 'Works: ' : 'Does not work: '}</span>
                  {title}
                </span>
                {detail && <p className="hint">{detail}</p>}
                {!ok && remedy && <p>{remedy}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
