import { useMemo, useState } from 'react';
import type { FolderView, RuleInput } from '#shared/api.ts';
import { destinationKinds, pathId, type DestinationKind } from '#shared/recording.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { kindWords } from '../../words/places.ts';
import { tellError } from '../../words/failures.ts';
import { KeyPreview } from './KeyPreview.tsx';
import { StorageClassField } from './StorageClassField.tsx';
import { TakesFields, takesFrom, takesNames, takesText, wrongIn } from './Takes.tsx';

type Props = Readonly<{
  isOpen: boolean;
  /** What to edit; a new one without it. */
  folder: FolderView | undefined;
  /** Another folder, for the user id that is most likely the same. */
  like: FolderView | undefined;
  canChoose: boolean;
  /** A new folder's path when it is known, and what is to be said about it. */
  start?: Readonly<{ path: string; note: string }> | undefined;
  onClose: () => void;
}>;

export function FolderDialog(props: Props) {
  const { isOpen, folder, onClose } = props;
  const isLocked = useStatus().data?.school?.mayAddFolders === false;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      isWide
      title={folder ? 'Edit folder' : 'Add a folder'}
      description={
        isLocked
          ? undefined
          : 'Its recordings are copied to the storage. The folder itself is never changed.'
      }
    >
      {isLocked ? <Locked onClose={onClose} /> : <Form {...props} />}
    </Dialog>
  );
}

/** Where a folder is dropped that may not be followed: before anybody fills in anything. */
function Locked({ onClose }: Pick<Props, 'onClose'>) {
  return (
    <div className="dialog-form">
      <div className="dialog-body">
        <SetBySchool lock="folders" />
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </footer>
    </div>
  );
}

const placeHints: Record<DestinationKind, string> = {
  audio: 'Recordings of one class.',
  documents: 'Files of one person, kept as documents.',
  uploads: 'Anything else of one person.',
};

const badId = 'Letters, digits, dot, dash and underscore, starting with a letter or digit.';
const isId = (text: string): boolean => pathId.safeParse(text).success;

const list = new Intl.ListFormat('en');

/** `fill in the folder and the user, then correct the class`, of the fields by their names; empty when all is right. */
function inTheWay(empty: readonly Named[], wrong: readonly Named[]): string {
  const all = (fields: readonly Named[]) =>
    list.format(fields.filter((field) => typeof field === 'string').map((field) => `the ${field}`));
  const [missing, bad] = [all(empty), all(wrong)];
  return [missing && `fill in ${missing}`, bad && `correct ${bad}`].filter(Boolean).join(', then ');
}
type Named = string | false | undefined;

function Form({ folder, like, canChoose, start, onClose }: Props) {
  const [path, setPath] = useState(folder?.path ?? start?.path ?? '');
  const [kind, setKind] = useState<DestinationKind>(folder?.rule.kind ?? 'audio');
  const [classId, setClassId] = useState(folder?.rule.classId ?? '');
  const [userId, setUserId] = useState(folder?.rule.userId ?? like?.rule.userId ?? '');
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
  const wrongClass = kind === 'audio' && classId !== '' && !isId(classId) ? badId : undefined;
  const wrongUser = userId !== '' && !isId(userId) ? badId : undefined;
  const wrongTakes = wrongIn(takes);
  const first = inTheWay(
    [path === '' && 'folder', userId === '' && 'user'],
    [wrongClass && 'class', wrongUser && 'user', ...takesNames(wrongTakes)],
  );
  const isRight = first === '';
  const choose = useAction(() => api.chooseFolder({}), {
    changes: [],
    onDone: ({ path: chosen }) => chosen !== null && setPath(chosen),
  });
  const save = useAction(api.saveFolder, {
    changes: ['folders', 'status', 'jobs', 'causes'],
    onDone() {
      show(folder ? 'The folder is saved.' : 'The folder is followed from now on.');
      onClose();
    },
  });
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isRight) save.mutate({ path, rule });
      }}
    >
      <div className="dialog-body">
        {start && start.note !== '' && <p className="said">{start.note}</p>}
        <TextField
          label="Folder"
          required
          maxLength={4_096}
          readOnly={folder !== undefined || canChoose}
          hint={folder ? undefined : 'Where your recorder saves its files.'}
          value={path}
          onText={setPath}
        >
          {canChoose && !folder && (
            <button type="button" className="button" onClick={() => choose.mutate(undefined)}>
              Choose…
            </button>
          )}
        </TextField>
        <fieldset>
          <legend className="legend">What is in it</legend>
          <div className="choices choices-even">
            {destinationKinds.map((value) => (
              <label className="choice" key={value}>
                <input
                  type="radio"
                  name="kind"
                  checked={kind === value}
                  onChange={() => setKind(value)}
                />
                <span>
                  {kindWords[value].one}
                  <span className="hint">{placeHints[value]}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <div className="form-pair">
          {kind === 'audio' && (
            <TextField
              label="Class"
              maxLength={128}
              placeholder="BIO-101"
              wrong={wrongClass}
              hint="Without a class its files wait until you give one; they are not lost."
              value={classId}
              onText={setClassId}
            />
          )}
          <TextField
            label="User"
            required
            maxLength={128}
            wrong={wrongUser}
            hint="Your id at school. It is noted with each recording."
            value={userId}
            onText={setUserId}
          />
        </div>
        <TakesFields text={takes} wrong={wrongTakes} onText={setTakes} />
        <StorageClassField value={storageClass} onChange={setStorageClass} />
        <KeyPreview path={path} rule={rule} first={first} />
        {choose.error && <Trouble telling={tellError(choose.error)} />}
        {save.error && <Trouble telling={tellError(save.error)} />}
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          className="button button-main"
          disabled={!isRight}
          aria-disabled={save.isPending}
        >
          {folder ? 'Save' : 'Add folder'}
        </button>
      </footer>
    </form>
  );
}
