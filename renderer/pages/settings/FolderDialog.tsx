import { useMemo, useState } from 'react';
import type { FolderView, RuleInput } from '#shared/api.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { LockedBody } from '../../components/LockedBody.tsx';
import { PathField } from '../../components/PathField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { tellError } from '../../words/failures.ts';
import { DestinationFields, wrongInPlace, type Place } from './DestinationFields.tsx';
import { KeyPreview } from './KeyPreview.tsx';
import { savedText, staysTitle, StoredElsewhere, type Elsewhere } from './StoredElsewhere.tsx';
import { StorageClassField } from './StorageClassField.tsx';
import { TakesFields, takesFrom, takesNames, takesText, wrongIn } from './Takes.tsx';

type Props = Readonly<{
  isOpen: boolean;
  /** What to edit; a new one without it. */
  folder: FolderView | undefined;
  /** Another folder, for the user id that is most likely the same. */
  like: FolderView | undefined;
  /** A new folder's path when it is known, and what is to be said about it. */
  start?: Readonly<{ path: string; note: string }> | undefined;
  onClose: () => void;
}>;

export function FolderDialog(props: Props) {
  const { isOpen, folder, onClose } = props;
  const isLocked = useStatus().data?.school?.mayAddFolders === false;
  const [saved, setSaved] = useState<Saved>();
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      isWide={saved === undefined}
      title={saved ? staysTitle(saved.elsewhere) : folder ? 'Edit folder' : 'Add a folder'}
      description={
        saved
          ? savedText(saved.folder)
          : isLocked
            ? undefined
            : 'Its recordings are copied to the storage. The folder itself is never changed, and what you delete from it stays in the storage.'
      }
    >
      {saved ? (
        <StoredElsewhere {...saved} onClose={onClose} />
      ) : isLocked ? (
        <LockedBody lock="folders" onClose={onClose} />
      ) : (
        <Form {...props} onElsewhere={setSaved} />
      )}
    </Dialog>
  );
}

const list = new Intl.ListFormat('en');

/** `fill in the folder and the user, then correct the class`, of the fields by their names; empty when all is right. */
function inTheWay(empty: readonly Named[], wrong: readonly Named[]): string {
  const all = (fields: readonly Named[]) =>
    list.format(fields.filter((field) => typeof field === 'string').map((field) => `the ${field}`));
  const [missing, bad] = [all(empty), all(wrong)];
  return [missing && `fill in ${missing}`, bad && `correct ${bad}`].filter(Boolean).join(', then ');
}
type Named = string | false | undefined;

type Saved = Readonly<{ folder: FolderView; elsewhere: Elsewhere }>;

const shelfOf = ({ kind, classId, userId }: RuleInput) =>
  `${kind}/${kind === 'audio' ? classId : userId}`;

/** What its recordings were stored under before is asked for where that is another class now. */
async function saveFolder(
  input: Readonly<{ path: string; rule: RuleInput }>,
  before: FolderView | undefined,
): Promise<Saved> {
  const folder = await api.saveFolder(input);
  const isMoved = before && shelfOf(before.rule) !== shelfOf(folder.rule);
  const elsewhere = isMoved
    ? await api.storedElsewhere({ id: folder.id })
    : { files: 0, owners: [] };
  return { folder, elsewhere };
}

type FormProps = Props & Readonly<{ onElsewhere: (saved: Saved) => void }>;

function Form({ folder, like, start, onElsewhere, onClose }: FormProps) {
  const [path, setPath] = useState(folder?.path ?? start?.path ?? '');
  const [place, setPlace] = useState<Place>({
    kind: folder?.rule.kind ?? 'audio',
    classId: folder?.rule.classId ?? '',
    userId: folder?.rule.userId ?? like?.rule.userId ?? '',
  });
  const { kind, classId, userId } = place;
  const [takes, setTakes] = useState(() => takesText(folder?.rule));
  const [storageClass, setStorageClass] = useState(folder?.rule.storageClass ?? 'STANDARD');
  const { show } = useNotices();
  const rule = useMemo(
    (): RuleInput => ({
      kind,
      classId: kind === 'audio' && classId !== '' ? classId : null,
      userId,
      ...takesFrom(takes),
      storageClass,
    }),
    [kind, classId, userId, takes, storageClass],
  );
  const wrong = wrongInPlace(place);
  const wrongTakes = wrongIn(takes);
  const first = inTheWay(
    [path === '' && 'folder', userId === '' && 'user'],
    [wrong.classId && 'class', wrong.userId && 'user', ...takesNames(wrongTakes)],
  );
  const isRight = first === '';
  const save = useAction(
    async (input: { path: string; rule: RuleInput }) => saveFolder(input, folder),
    {
      changes: ['folders', 'status', 'jobs', 'causes'],
      onDone(saved) {
        if (saved.elsewhere.files > 0) return onElsewhere(saved);
        show(folder ? 'The folder is saved.' : 'The folder is followed from now on.');
        onClose();
      },
    },
  );
  return (
    <DialogForm
      verb={folder ? 'Save' : 'Add folder'}
      isReady={isRight}
      isBusy={save.isPending}
      onClose={onClose}
      onSubmit={() => save.mutate({ path, rule })}
    >
      {start && start.note !== '' && <p className="said">{start.note}</p>}
      <PathField
        label="Folder"
        hint={folder ? undefined : 'Where your recorder saves its files.'}
        value={path}
        onText={setPath}
        isFixed={folder !== undefined}
        choose={() => api.chooseFolder({})}
      />
      <DestinationFields
        legend="What is in it"
        place={place}
        onPlace={setPlace}
        classHint="Without a class its files wait until you give one; they are not lost."
      />
      <TakesFields text={takes} wrong={wrongTakes} onText={setTakes} />
      <StorageClassField value={storageClass} onChange={setStorageClass} />
      <KeyPreview path={path} rule={rule} first={first} />
      {save.error && <Trouble telling={tellError(save.error)} />}
    </DialogForm>
  );
}
