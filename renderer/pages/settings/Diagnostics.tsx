import { useQuery } from '@tanstack/react-query';
import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import type { ApiOutput } from '#shared/api.ts';
import { formatBytes, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Check } from '../../components/Check.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Select } from '../../components/Select.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';
import { placeOf, SectionTitle } from './sections.tsx';

/** For whoever helps: what is noted, and what of it is handed over. */
export function Diagnostics() {
  const { data, error, refetch } = useQuery({
    queryKey: ['detailed-log'],
    queryFn: () => api.getDetailedLog({}),
  });
  const set = useAction((isOn: boolean) => api.setDetailedLog({ isOn }), {
    changes: ['detailed-log'],
  });
  const [report, setReport] = useState<Report | null>(null);
  const look = useAction(() => api.previewReport({}), { changes: [], onDone: setReport });
  return (
    <section className="card" aria-labelledby={placeOf('diagnostics')}>
      <header>
        <SectionTitle section="diagnostics" />
        <p className="muted">
          For whoever helps when something is wrong. Keys, links and passwords are in none of it.
        </p>
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      {data && (
        <Check
          words="Detailed log"
          hint={
            data.isFixed
              ? 'Switched on from outside, by DEBUG in the environment.'
              : 'Also notes each question to the storage, from now on. At most 2 MB are kept.'
          }
          isOn={set.isPending ? set.variables : data.isOn}
          isFixed={data.isFixed}
          onChange={set.mutate}
        />
      )}
      {set.error && <Trouble telling={tellError(set.error)} />}
      <div className="buttons">
        <Button isBusy={look.isPending} onClick={() => look.mutate(undefined)}>
          <FileArchive className="icon" aria-hidden />
          Make a report…
        </Button>
      </div>
      {look.error && <Trouble telling={tellError(look.error)} />}
      <ReportDialog report={report} onClose={() => setReport(null)} />
    </section>
  );
}

type Report = ApiOutput<'previewReport'>;

/** What would be saved, whole: nobody hands over what was not to be seen before. */
function ReportDialog({
  report,
  onClose,
}: Readonly<{ report: Report | null; onClose: () => void }>) {
  const { show } = useNotices();
  const [chosen, setChosen] = useState(0);
  const save = useAction((id: string) => api.saveReport({ id }), {
    changes: [],
    onDone({ path }) {
      if (path === null) return;
      show(`Saved as ${printable(path)}.`);
      onClose();
    },
  });
  const entry = report?.entries[chosen] ?? report?.entries[0];
  return (
    <Dialog
      isOpen={report !== null}
      onClose={onClose}
      isWide
      title="Report for whoever helps"
      description="One file with what is listed here, saved where you say and sent to nobody. Names of recordings and folders are in it."
    >
      <DialogForm
        verb="Save…"
        isReady={report !== null}
        isBusy={save.isPending}
        onClose={onClose}
        onSubmit={() => report && save.mutate(report.id)}
      >
        <div className="field">
          <label htmlFor="report-part">What it holds</label>
          <Select
            id="report-part"
            value={chosen}
            onChange={(event) => setChosen(Number(event.target.value))}
          >
            {report?.entries.map(({ name, about, text }, index) => (
              <option key={name} value={index}>
                {`${name} · ${formatBytes(text.length)} · ${about}`}
              </option>
            ))}
          </Select>
        </div>
        {entry && (
          <textarea
            className="input report-text"
            readOnly
            aria-label={entry.name}
            value={entry.text === '' ? 'Nothing is in it.' : visible(entry.text)}
          />
        )}
        {save.error && <Trouble telling={tellError(save.error)} />}
      </DialogForm>
    </Dialog>
  );
}

/** Line by line: what turns text around or hides in it is seen. */
const visible = (text: string): string => text.split('\n').map(printable).join('\n');
