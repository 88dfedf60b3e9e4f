import { Download } from 'lucide-react';
import { useState } from 'react';
import { count, printable } from '#shared/format.ts';
import type { ReportFormat } from '#shared/migration.ts';
import { api } from '../../api.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { OneOf } from '../../components/OneOf.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { StepTrouble } from './Step.tsx';

const formats: Record<ReportFormat, string> = {
  html: 'To read and to print (HTML)',
  csv: 'For a spreadsheet (CSV)',
  json: 'For a program (JSON)',
};

/** What became of each file, and receipts that show each later change. */
export function Reports({ plan }: Readonly<{ plan: string }>) {
  const [format, setFormat] = useState<ReportFormat>('html');
  const { show } = useNotices();
  const report = useAction(() => api.saveMigrationReport({ plan, format }), {
    changes: [],
    onDone: ({ path }) => path !== null && show(`Saved as ${printable(path)}.`),
  });
  const receipts = useAction(() => api.saveReceipts({ plan }), {
    changes: [],
    onDone: ({ path }) => path !== null && show(`Saved as ${printable(path)}.`),
  });
  const saved = receipts.data?.path ? receipts.data : undefined;
  return (
    <section className="card" aria-labelledby="reports">
      <header>
        <h2 id="reports">Report and receipts</h2>
        <p className="muted">What became of each file of the plan, at any time of the migration.</p>
      </header>
      <div className="audit-start">
        <OneOf
          label="Format of the report"
          isLabelUnseen
          options={formats}
          value={format}
          onChange={setFormat}
        />
        <button
          type="button"
          className="button"
          aria-disabled={report.isPending}
          onClick={() => report.mutate(undefined)}
        >
          <Download className="icon" aria-hidden />
          Save the report
        </button>
        <button
          type="button"
          className="button"
          aria-disabled={receipts.isPending}
          onClick={() => receipts.mutate(undefined)}
        >
          <Download className="icon" aria-hidden />
          Save the receipts
        </button>
      </div>
      {report.error && <StepTrouble error={report.error} />}
      {receipts.error && <StepTrouble error={receipts.error} />}
      {saved && (
        <div className="json">
          <p className="hint">
            {count(saved.receipts, 'receipt')}. Keep this elsewhere: it shows later that none was
            taken away.
          </p>
          <code>{saved.head}</code>
          <CopyButton text={saved.head} what="Last hash" />
        </div>
      )}
    </section>
  );
}
