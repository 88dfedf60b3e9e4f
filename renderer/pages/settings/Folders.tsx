import { useQuery } from '@tanstack/react-query';
import {
  CircleAlert,
  CircleCheck,
  FolderPlus,
  FolderX,
  Unplug,
  type LucideIcon,
} from 'lucide-react';
import { useState } from 'react';
import type { FolderView, StatusView } from '#shared/api.ts';
import { printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Ask } from '../../components/Dialog.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Name } from '../../components/Name.tsx';
import { NoFolderSet } from '../../components/NoFolderSet.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { kindWords, presenceWords } from '../../words/places.ts';
import { tellError } from '../../words/failures.ts';
import { FolderDialog } from './FolderDialog.tsx';
import { placeOf, SectionTitle } from './sections.tsx';

type Open = Readonly<{ kind: 'add' } | { kind: 'edit' | 'remove'; folder: FolderView }>;

export function Folders({ status }: Readonly<{ status: StatusView }>) {
  const [open, setOpen] = useState<Open>();
  const { data, error, refetch } = useQuery({
    queryKey: ['folders'],
    queryFn: () => api.listFolders({}),
  });
  const mayAdd = status.school?.mayAddFolders !== false;
  const mayLeave = status.school?.isDamaged !== true;
  const add = !mayAdd ? (
    <SetBySchool lock="folders" />
  ) : (
    <Button look="main" onClick={() => setOpen({ kind: 'add' })}>
      <FolderPlus className="icon" aria-hidden />
      Add folder
    </Button>
  );
  const close = () => setOpen(undefined);
  return (
    <section className="card" aria-labelledby={placeOf('folders')}>
      <header className="card-head">
        <div>
          <SectionTitle section="folders" />
          <p className="muted">
            New recordings in them are copied to the storage. Nothing in them is changed or deleted.
          </p>
        </div>
        {data && data.length > 0 && add}
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      {!data && !error && <p className="muted soon">Looking…</p>}
      {data?.length === 0 && !mayAdd && <NoFolderSet />}
      {data?.length === 0 && mayAdd && (
        <Empty
          icon={FolderPlus}
          title="No folder yet"
          text="Choose where your recorder saves its files, and the class they belong to."
        >
          {add}
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="folders">
          {data.map((folder) => (
            <FolderRow
              key={folder.id}
              folder={folder}
              canEdit={mayAdd && !folder.isSetBySchool}
              canLeave={mayLeave && !folder.isSetBySchool}
              onEdit={() => setOpen({ kind: 'edit', folder })}
              onRemove={() => setOpen({ kind: 'remove', folder })}
            />
          ))}
        </ul>
      )}
      <FolderDialog
        key={open && 'folder' in open ? open.folder.id : 'new'}
        isOpen={open?.kind === 'add' || open?.kind === 'edit'}
        folder={open?.kind === 'edit' ? open.folder : undefined}
        like={data?.at(-1)}
        onClose={close}
      />
      {open?.kind === 'remove' && <RemoveFolder folder={open.folder} onClose={close} />}
    </section>
  );
}

const icons: Record<FolderView['state'], { icon: LucideIcon; tone: string }> = {
  connected: { icon: CircleCheck, tone: 'done' },
  'not-connected': { icon: Unplug, tone: 'waiting' },
  silent: { icon: Unplug, tone: 'waiting' },
  other: { icon: CircleAlert, tone: 'help' },
};

type RowProps = Readonly<{
  folder: FolderView;
  canEdit: boolean;
  canLeave: boolean;
  onEdit: () => void;
  onRemove: () => void;
}>;

function FolderRow({ folder, canEdit, canLeave, onEdit, onRemove }: RowProps) {
  const { path, rule, state } = folder;
  const needsClass = rule.kind === 'audio' && rule.classId === null;
  const { icon: Icon, tone } = icons[state];
  const { words, note } = presenceWords[state];
  const shown = printable(path);
  return (
    <li className="folder">
      <div className="folder-path">
        <Name text={path} />
        <span className="hint">
          {needsClass
            ? 'Class recordings, no class yet'
            : `${kindWords[rule.kind].one} → ${rule.kind === 'audio' ? rule.classId : rule.userId}`}
          {rule.storageClass !== undefined && ` · ${rule.storageClass}`}
        </span>
        {needsClass && (
          <span className="wrong-soft">
            Needs a class: until it has one, its files wait under “Needs you”.
          </span>
        )}
      </div>
      <span className={`state state-${tone}`}>
        <Icon className="icon" aria-hidden />
        {words}
      </span>
      <div className="buttons">
        {canEdit && (
          <Button isSmall aria-label={`Edit ${shown}`} onClick={onEdit}>
            Edit
          </Button>
        )}
        {canLeave && (
          <Button isSmall aria-label={`Stop following ${shown}`} onClick={onRemove}>
            <FolderX className="icon" aria-hidden />
            Stop
          </Button>
        )}
        {folder.isSetBySchool && <SetBySchool />}
      </div>
      {note !== null && <p className="hint folder-note">{note}</p>}
      {state === 'other' && <UseThis folder={folder} />}
    </li>
  );
}

/** Says that what is at the folder's place now is meant: its recordings go to the folder's class. */
function UseThis({ folder }: Readonly<{ folder: FolderView }>) {
  const { path, rule } = folder;
  const { show } = useNotices();
  const use = useAction(() => api.saveFolder({ path, rule }), {
    changes: ['folders', 'status'],
    onDone: () => show('This folder is followed from now on.'),
  });
  return (
    <div className="folder-note">
      <Button
        isSmall
        aria-label={`Use this one: what is at ${printable(path)} now`}
        isBusy={use.isPending}
        onClick={() => use.mutate(undefined)}
      >
        Use this one
      </Button>
      {use.error && <Trouble telling={tellError(use.error)} />}
    </div>
  );
}

function RemoveFolder({ folder, onClose }: Readonly<{ folder: FolderView; onClose: () => void }>) {
  const { show } = useNotices();
  const remove = useAction(() => api.removeFolder({ id: folder.id }), {
    changes: ['folders', 'status'],
    onDone() {
      show('The folder is no longer followed.');
      onClose();
    },
  });
  return (
    <Ask
      isOpen
      onClose={onClose}
      title="Stop following this folder?"
      description={
        <strong className="dialog-name" dir="auto">
          {printable(folder.path)}
        </strong>
      }
      verb="Stop following"
      isHarmless
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
      failure={remove.error && <Trouble telling={tellError(remove.error)} />}
    >
      <ul className="facts">
        <li>Its files stay where they are, here and in the storage.</li>
        <li>What is in the queue already is still uploaded.</li>
        <li>New files in it are no longer noticed.</li>
      </ul>
    </Ask>
  );
}
