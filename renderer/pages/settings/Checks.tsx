import { useQuery } from '@tanstack/react-query';
import { Stethoscope } from 'lucide-react';
import { count, formatTime } from '#shared/format.ts';
import type { Report } from '#shared/report.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { ShowCommand } from '../../components/ShowCommand.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { useNotices } from '../../components/Notice.tsx';
import { tellError } from '../../words/failures.ts';
import { Findings, ReportDetails } from './Report.tsx';

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

/** What the connection's test gave, now or when it was done last: `atMs` is missing for now. */
export function useReport(test: ReturnType<typeof useTest>) {
  const { data } = useQuery({
    queryKey: ['storage-facts'],
    queryFn: () => api.getStorageFacts({}),
  });
  if (test.data) return { report: test.data, atMs: undefined };
  return { report: test.error ? undefined : data?.test?.report, atMs: data?.test?.atMs };
}

type Place = Readonly<{ bucket: string; region: string }>;

/** Tries what uploads will need, and says what that gave, now or when it was done last. */
export function Checks({ place, test }: Test & Readonly<{ place: Place }>) {
  const canTest = place.bucket !== '';
  const { report, atMs } = useReport(test);
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
      <ShowCommand of={{ kind: 'connection' }} />
      {test.error && <Trouble telling={tellError(test.error)} />}
      {report && (
        <>
          <Verdict report={report} atMs={atMs} />
          <Findings report={report} />
          <ReportDetails report={report} place={place} />
        </>
      )}
    </div>
  );
}

export function TestButton({
  test,
  canTest = true,
  isMain = false,
}: Test & Readonly<{ canTest?: boolean; isMain?: boolean }>) {
  // As a connection was saved, too: there what comes of it is in sight, wherever in the form that was done.
  const button = useFocusOn<HTMLButtonElement>(test.isPending || null);
  return (
    <Button
      ref={button}
      look={isMain ? 'main' : undefined}
      disabled={!canTest && !test.isPending}
      isBusy={test.isPending}
      onClick={() => test.mutate(undefined)}
    >
      <Stethoscope className="icon" aria-hidden />
      {test.isPending ? 'Testing…' : 'Test connection'}
    </Button>
  );
}

export function TestResult({ test }: Test) {
  return (
    <>
      {test.error && <Trouble telling={tellError(test.error)} />}
      {test.data && (
        <>
          <Verdict report={test.data} />
          <Findings report={test.data} />
          <ReportDetails report={test.data} />
        </>
      )}
    </>
  );
}

function Verdict({ report, atMs }: Readonly<{ report: Report; atMs?: number | undefined }>) {
  return (
    <p>
      <strong>{verdict(report)}</strong>
      {atMs !== undefined && (
        <>
          {' '}
          <span className="hint">Tested on {formatTime(atMs)}.</span>
        </>
      )}
    </p>
  );
}

function verdict(report: Report): string {
  const { ok, checks } = report;
  const failed = checks.filter((check) => !check.ok).length;
  if (failed > 0) return `${failed} of ${count(checks.length, 'check')} failed.`;
  return ok ? 'Everything that uploads need works.' : 'The connection does not work.';
}
