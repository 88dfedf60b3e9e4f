/** @file Files of a plan by what is to be said of them: the first by name, and all of them when somebody asks. */
import { CircleAlert, Download, ListX, Undo2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { formatNumber, printable } from '#shared/format.ts';
import type { NamedFile, NamedList } from '#shared/api/migration-lists.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Grid } from '../../components/Grid.tsx';
import { Name } from '../../components/Name.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDebounced } from '../../hooks/useDebounced.ts';
import { useMigration } from '../../hooks/useMigration.ts';
import { someText, type NamedFiles } from '../../words/migration.ts';

/** Which files of a list, and what is said of them. */
export type Which = Readonly<{ plan: string; list: NamedList; why: string; title: string }>;

/** @param list Where all of them are. */
export function Named<Why extends string>({
  label,
  plan,
  list,
  groups,
  titleOf,
}: Readonly<{
  label: string;
  plan: string | undefined;
  list: NamedList;
  groups: readonly (NamedFiles & { why: Why })[];
  titleOf: (why: Why) => string;
}>) {
  const [asked, setAsked] = useState<Which | null>(null);
  if (groups.length === 0) return null;
  return (
    <>
      <ul className="named" aria-label={label}>
        {groups.map(({ why, files, some }) => {
          const title = titleOf(why);
          return (
            <li key={why}>
              <CircleAlert className="icon" aria-hidden />
              <div>
                <p className="check-title">
                  <span className="num">{formatNumber(files)}</span> · {title}
                </p>
                <p className="hint named-files">{someText({ files, some })}</p>
              </div>
              {plan !== undefined && files > 1 && (
                <Button
                  isSmall
                  aria-label={`Show as a list: ${title}`}
                  onClick={() => setAsked({ plan, list, why, title })}
                >
                  Show as a list
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <NamedDialog asked={asked} onClose={() => setAsked(null)} />
    </>
  );
}

/** All of them, to look through, to look for one, and to save. */
export function NamedDialog({
  asked,
  onClose,
}: Readonly<{ asked: Which | null; onClose: () => void }>) {
  // While it closes it still says what it was about.
  const [shown, setShown] = useState<Which | null>(null);
  if (asked !== null && asked !== shown) setShown(asked);
  return (
    <Dialog isOpen={asked !== null} onClose={onClose} title={shown?.title} isWide>
      {shown && <List which={shown} onClose={onClose} />}
    </Dialog>
  );
}

const ROW_HEIGHT = 40;
const ROW_HEIGHT_WITH_DETAIL = 52;

function List({ which, onClose }: Readonly<{ which: Which; onClose: () => void }>) {
  const { plan, list, why, title } = which;
  const [typed, setTyped] = useState('');
  const words = useDebounced(typed.trim(), 200);
  const { show } = useNotices();
  const isBusy = (useMigration().data?.working ?? null) !== null;
  const save = useAction(() => api.saveNamed({ plan, list, why }), {
    changes: [],
    onDone: ({ path }) => path !== null && show(`Saved as ${printable(path)}.`),
  });
  const undo = useAction((path: string) => api.putFilesBack({ plan, paths: [path] }), {
    changes: ['migration'],
  });
  const source = useMemo(
    () => ({
      queryKey: ['migration-names', plan, list, why, words],
      fetchPage: (offset: number, limit: number) =>
        api.listNamed({ plan, list, why, words, offset, limit }),
    }),
    [plan, list, why, words],
  );
  const canUndo = list === 'quarantined';
  return (
    <>
      <div className="dialog-body named-list">
        <TextField
          label="Find by name"
          type="search"
          maxLength={200}
          value={typed}
          onText={setTyped}
        />
        <Grid
          label={title}
          source={source}
          columns={canUndo ? ['Name', 'Actions'] : ['Name']}
          template={canUndo ? 'minmax(0, 1fr) 112px' : 'minmax(0, 1fr)'}
          rowHeight={list === 'problems' ? ROW_HEIGHT_WITH_DETAIL : ROW_HEIGHT}
          isFramed
          idOf={({ path, detail }) => `${path} ${detail}`}
          empty={
            <Empty
              icon={ListX}
              title={words === '' ? 'None any more' : 'None by this name'}
              text={
                words === ''
                  ? 'Things have changed since this was counted.'
                  : 'A part of the name or of a folder’s name is enough.'
              }
            />
          }
        >
          {(row, { tabIndex }) => (
            <Cells row={row}>
              {canUndo && (
                <div role="gridcell" className="row-actions">
                  <Button
                    isSmall
                    tabIndex={tabIndex}
                    aria-label={`Put back ${printable(row.path)}`}
                    isBusy={isBusy || undo.isPending}
                    onClick={() => undo.mutate(row.path)}
                  >
                    <Undo2 className="icon" aria-hidden />
                    Put back
                  </Button>
                </div>
              )}
            </Cells>
          )}
        </Grid>
        {save.error && <Failure error={save.error} />}
        {undo.error && <Failure error={undo.error} />}
      </div>
      <footer className="dialog-foot">
        <Button isBusy={save.isPending} onClick={() => save.mutate(undefined)}>
          <Download className="icon" aria-hidden />
          Save as a table
        </Button>
        <Button onClick={onClose}>Close</Button>
      </footer>
    </>
  );
}

function Cells({
  row: { path, detail },
  children,
}: Readonly<{ row: NamedFile; children: React.ReactNode }>) {
  return (
    <>
      <div role="gridcell" className="job-name">
        <Name text={path} />
        {detail !== null && <span className="job-place clip">{printable(detail)}</span>}
      </div>
      {children}
    </>
  );
}
