import { Save } from 'lucide-react';
import { useState } from 'react';
import { count, printable } from '#shared/format.ts';
import type { ReferenceFormat, SqlDialect } from '#shared/migration/references.ts';
import { api } from '../../api.ts';
import { Fact } from '../../components/Fact.tsx';
import { OneOf } from '../../components/OneOf.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { StepForm } from './StepForm.tsx';

const formats: Record<ReferenceFormat, string> = {
  sql: 'SQL, to be run',
  csv: 'CSV, for a program',
  json: 'JSON, for a program',
};
const dialects: Record<SqlDialect, string> = { postgresql: 'PostgreSQL', sqlite: 'SQLite' };

/** Two files for the school's database: which path is which key now, and the way back. */
export function References({ plan }: Readonly<{ plan: string }>) {
  const [format, setFormat] = useState<ReferenceFormat>('sql');
  const [dialect, setDialect] = useState<SqlDialect>('postgresql');
  const [table, setTable] = useState('recordings');
  const [pathColumn, setPathColumn] = useState('path');
  const [keyColumn, setKeyColumn] = useState('s3_key');
  const [prefix, setPrefix] = useState('');
  const { show } = useNotices();
  const save = useAction(api.saveReferences, {
    changes: [],
    onDone: ({ files }) => files !== null && show('Both files are saved.'),
  });
  const isReady = ![table, pathColumn, keyColumn].includes('');
  const saved = save.data?.files;
  return (
    <details>
      <summary>Tell the school’s database</summary>
      <StepForm
        verb="Save both files"
        icon={Save}
        isReady={isReady}
        isBusy={save.isPending}
        error={save.error}
        onSubmit={() => {
          const columns = { table, pathColumn, keyColumn, prefix: prefix === '' ? null : prefix };
          save.mutate({ plan, format, dialect, ...columns });
        }}
        outcome={
          saved && (
            <dl>
              <Fact term="To be run">{printable(saved.update)}</Fact>
              <Fact term="The way back">{printable(saved.rollback)}</Fact>
              <Fact term="In both">
                {count(saved.written, 'file')}
                {saved.left > 0 && `; ${saved.left} are not verified, so not in them`}
              </Fact>
            </dl>
          )
        }
      >
        <p className="hint">
          For verified files only, and only where the database has no key yet. A second file takes
          exactly that back. Nothing is sent to a database from here.
        </p>
        <div className="form-pair">
          <OneOf label="Format" options={formats} value={format} onChange={setFormat} />
          {format === 'sql' && (
            <OneOf label="Database" options={dialects} value={dialect} onChange={setDialect} />
          )}
        </div>
        <div className="form-pair">
          <TextField label="Table" required maxLength={200} value={table} onText={setTable} />
          <TextField
            label="Column with the path"
            required
            maxLength={200}
            value={pathColumn}
            onText={setPathColumn}
          />
          <TextField
            label="Column for the key"
            required
            maxLength={200}
            value={keyColumn}
            onText={setKeyColumn}
          />
        </div>
        <TextField
          label="What the database’s paths begin with"
          hint="Left empty: the archive’s own folder."
          maxLength={4_096}
          placeholder="/srv/media/"
          value={prefix}
          onText={setPrefix}
        />
      </StepForm>
    </details>
  );
}
