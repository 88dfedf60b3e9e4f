import { FolderPlus } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { schoolLocks } from '#shared/school.ts';
import { Empty } from '../../components/Empty.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { FolderDialog } from '../settings/FolderDialog.tsx';

const firstStep = {
  title: 'Choose where your recordings are saved',
  text: 'New recordings in that folder are then copied to the storage by themselves, and each copy is checked. The folder itself is never changed.',
};
const notThere = {
  title: 'No folder is followed yet',
  text: 'Recordings on this computer are not copied to the storage. A folder that your school has chosen is followed as soon as it is there.',
};

/** The first step, where a person looks first. */
export function NothingFollowed({ status }: Readonly<{ status: StatusView }>) {
  const [isOpen, setOpen] = useState(false);
  const mayAdd = status.school?.mayAddFolders !== false;
  const ref = useHandOver<HTMLDivElement>();
  return (
    <div className="nothing-followed" ref={ref}>
      <Empty icon={FolderPlus} {...(mayAdd ? firstStep : notThere)}>
        {!mayAdd ? (
          <SetBySchool what={schoolLocks.folders} />
        ) : (
          <button type="button" className="button button-main" onClick={() => setOpen(true)}>
            Choose a folder
          </button>
        )}
      </Empty>
      <FolderDialog
        isOpen={isOpen}
        folder={undefined}
        like={undefined}
        canChoose={status.can.chooseFolder}
        onClose={() => setOpen(false)}
      />
    </div>
  );
}
