import { Download } from 'lucide-react';
import { useState } from 'react';
import { count, printable } from '#shared/format.ts';
import {
  hashListFormats,
  type HashKind,
  type HashListFormat,
  type ReportFormat,
} from '#shared/migration/migration.ts';
import type { MigrationView } from '#shared/api/migration-view.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { OneOf } from '../../components/OneOf.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { Going } from './Step.tsx';

type Format = ReportFormat | HashListFormat;
const formats: Record<Format, string> = {
  html: 'To read and to print (HTML)',
  csv: 'For a spreadsheet (CSV)',
  json: 'For a program (JSON)',
  mhl: 'Hash list of film archives (MHL)',
  ascmhl: 'Hash list with its chain (ASC MHL)',
};
const hashes: Record<HashKind, string> = { xxh64: 'XXH64', md5: 'MD5', sha1: 'SHA-1' };

const isHashList = (format: Format): format is HashListFormat =>
  hashListFormats.some((known) => known === format);

type Props = Readonly<{ plan: string; migration: MigrationView }>;

/** What became of each file, hash lists, and receipts that show each later change. */
export function Reports({ plan, migration }: Props) {
  const [format, setFormat] = useState<Format>('html');
  const [hash, setHash] = useState<HashKind>('xxh64');
  const { show } = useNotices();
  const said = {
    changes: [],
    onDone: ({ path }: { path: string | null }) =>
      path !== null && show(`Saved as ${printable(path)}.`),
  };
  const report = useAction(api.saveMigrationReport, said);
  const list = useAction(api.saveHashList, { changes: ['migration'] });
  const isList = isHashList(format);
  const isBusy = isList && migration.working !== null;
  const error = isList ? list.error : report.error;
  return (
    <section className="card" aria-labelledby="reports">
      <header>
        <h2 id="reports">Report and receipts</h2>
        <p className="muted">What became of each file of the plan, at any time of the migration.</p>
      </header>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isList) report.mutate({ plan, format });
          else if (!isBusy) list.mutate({ plan, format, hash });
        }}
      >
        <div className="audit-start">
          <OneOf
            label="Format of the report"
            isLabelUnseen
            options={formats}
            value={format}
            onChange={setFormat}
          />
          {isList && (
            <OneOf
              label="Hash of the list"
              isLabelUnseen
              options={hashes}
              value={hash}
              onChange={setHash}
            />
          )}
          <Button type="submit" isBusy={report.isPending || list.isPending || isBusy}>
            <Download className="icon" aria-hidden />
            {isList ? 'Save the hash list' : 'Save the report'}
          </Button>
        </div>
        {isList && (
          <p className="hint">
            Each verified file that is here or in quarantine is read once more, so save it before
            you delete for good.{' '}
            {format === 'mhl'
              ? 'Readers look for its paths from where it lies: put it in the archive’s folder.'
              : 'It is a folder, ascmhl: readers want it in the archive’s folder.'}
            {isBusy && ' Another step goes on: wait for its end, or stop it.'}
          </p>
        )}
        {error && <Failure error={error} />}
      </form>
      <Going migration={migration} works={['hashes']} />
      <Receipts plan={plan} said={said} />
    </section>
  );
}

function Receipts({
  plan,
  said,
}: Readonly<{
  plan: string;
  said: { changes: string[]; onDone: (saved: { path: string | null }) => void };
}>) {
  const receipts = useAction(() => api.saveReceipts({ plan }), said);
  const verifier = useAction(() => api.saveVerifier({}), said);
  const saved = receipts.data?.path ? receipts.data : undefined;
  return (
    <>
      <div className="buttons">
        <Button isBusy={receipts.isPending} onClick={() => receipts.mutate(undefined)}>
          <Download className="icon" aria-hidden />
          Save the receipts
        </Button>
        <Button isBusy={verifier.isPending} onClick={() => verifier.mutate(undefined)}>
          <Download className="icon" aria-hidden />
          Save the program that checks them
        </Button>
      </div>
      <p className="hint">
        Whoever has both can check, with Node and without a network, that no receipt was changed,
        added or left out: node verify-receipts.mjs and the receipts’ file.
      </p>
      {receipts.error && <Failure error={receipts.error} />}
      {verifier.error && <Failure error={verifier.error} />}
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
    </>
  );
}
