import { useQuery } from '@tanstack/react-query';
import { ShieldCheck, ShieldOff } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { ApiOutput } from '#shared/api.ts';
import { count, printable } from '#shared/format.ts';
import {
  notScanned,
  SCAN_LIMIT_SECONDS,
  virusScan,
  type VirusScan as Scan,
} from '#shared/virus-scan.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';
import { placeOf, SectionTitle } from './sections.tsx';

/** A program of this computer that looks at each recording first: none until a person names one. */
export function VirusScan() {
  const { data, error, refetch } = useQuery({
    queryKey: ['virus-scan'],
    queryFn: () => api.getVirusScan({}),
  });
  return (
    <section className="card" aria-labelledby={placeOf('virus-scan')}>
      <header>
        <SectionTitle section="virus-scan" />
        <p className="muted">
          A program on this computer, such as ClamAV, can look at each recording before it is
          uploaded. What it objects to stays here and says why.
        </p>
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      {data && <Setting key={JSON.stringify(data.scan)} {...data} />}
    </section>
  );
}

function Setting({ scan, found, canSet }: ApiOutput<'getVirusScan'>) {
  const { show } = useNotices();
  const [isOpen, setOpen] = useState(false);
  const set = useAction((next: Scan | null) => api.setVirusScan({ scan: next }), {
    changes: ['virus-scan', 'status', 'jobs', 'causes'],
    onDone({ isSet }, next) {
      if (isSet) show(next ? 'Recordings are scanned from now on.' : 'Recordings are not scanned.');
      if (isSet) setOpen(false);
    },
  });
  const limits = scan && notScanned(scan.command);
  const Icon = scan ? ShieldCheck : ShieldOff;
  return (
    <>
      <div>
        <p className={scan ? 'state state-done' : 'state state-aside'}>
          <Icon className="icon" aria-hidden />
          <strong>{scan ? 'Each recording is scanned' : 'Recordings are not scanned'}</strong>
        </p>
        {scan && (
          <p className="hint scan-command">
            <code>{scan.command.map(printable).join(' ')}</code> {limitWords(scan.limitSeconds)}
          </p>
        )}
        {limits && <p className="hint">{limits}</p>}
      </div>
      {!canSet && (
        <p className="hint">
          Which program runs on this computer is not chosen in a browser. The app and the command
          line can: <code>pansea-sync scanner --help</code>
        </p>
      )}
      {canSet && isOpen && (
        <Form
          start={scan?.command ?? found ?? []}
          limitSeconds={scan?.limitSeconds ?? SCAN_LIMIT_SECONDS}
          isBusy={set.isPending}
          onSave={(next) => set.mutate(next)}
          onCancel={() => {
            set.reset();
            setOpen(false);
          }}
        />
      )}
      {set.error && <Trouble telling={tellError(set.error)} />}
      {canSet && !isOpen && (
        <div className="buttons">
          <Button onClick={() => setOpen(true)}>{scan ? 'Change' : 'Set up a scanner'}</Button>
          {scan && (
            <Button look="plain" isBusy={set.isPending} onClick={() => set.mutate(null)}>
              Turn off
            </Button>
          )}
        </div>
      )}
    </>
  );
}

const limitWords = (seconds: number): string =>
  seconds % 60 === 0
    ? `For at most ${count(seconds / 60, 'minute')} each.`
    : `For at most ${count(seconds, 'second')} each.`;

type FormProps = Readonly<{
  /** Program and arguments, as they are or as a scanner that was found wants them. */
  start: readonly string[];
  limitSeconds: number;
  isBusy: boolean;
  onSave: (scan: Scan) => void;
  onCancel: () => void;
}>;

function Form({ start, limitSeconds, isBusy, onSave, onCancel }: FormProps) {
  const [program, setProgram] = useState(start[0] ?? '');
  const [args, setArgs] = useState(start.slice(1).join('\n'));
  const [limit, setLimit] = useState(String(limitSeconds));
  const [isTried, setTried] = useState(false);
  const asked = virusScan.safeParse({
    command: [program.trim(), ...args.split('\n').filter((line) => line !== '')],
    limitSeconds: Number(limit),
  });
  const wrong = (field: string) =>
    isTried && asked.error?.issues.some(({ path }) => path[0] === field);
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (asked.success) onSave(asked.data);
  };
  return (
    <form className="form" onSubmit={save} noValidate>
      <TextField
        label="Program"
        placeholder="clamdscan"
        hint="Its name or its whole path. It is told the recording’s path, and says by ending with 0 that it is clean, with 1 that it is not."
        value={program}
        maxLength={1_000}
        wrong={wrong('command') ? 'Which program is it?' : undefined}
        onText={setProgram}
      />
      <div className="field">
        <label htmlFor="scan-arguments">Arguments before the recording’s path</label>
        <textarea
          id="scan-arguments"
          className="input"
          spellCheck={false}
          aria-describedby="scan-arguments-hint"
          value={args}
          onChange={(event) => setArgs(event.target.value)}
        />
        <span className="hint" id="scan-arguments-hint">
          One a line. No shell reads them.
        </span>
      </div>
      <TextField
        label="Seconds for one recording, at most"
        inputMode="numeric"
        maxLength={5}
        hint="What takes longer waits, and is tried again."
        value={limit}
        wrong={wrong('limitSeconds') ? 'A whole number of seconds, from 1 to 86400.' : undefined}
        onText={setLimit}
      />
      <div className="buttons">
        <Button look="main" type="submit" isBusy={isBusy}>
          {isBusy ? 'Trying it…' : 'Try and use it'}
        </Button>
        <Button look="plain" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
