import { FolderPlus } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { Button } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { NoFolderSet } from '../../components/NoFolderSet.tsx';
import { FolderDialog } from '../settings/FolderDialog.tsx';

const firstStep = {
  title: 'Choose where your recordings are saved',
  text: 'New recordings in that folder are then copied to the storage by themselves, and each copy is checked. The folder itself is never changed, and what you delete from it stays in the storage.',
};

/** The first step, where a person looks first. */
export function NothingFollowed({ status }: Readonly<{ status: StatusView }>) {
  const [isOpen, setOpen] = useState(false);
  const mayAdd = status.school?.mayAddFolders !== false;
  return (
    <div className="nothing-followed">
      {mayAdd ? (
        <Empty icon={FolderPlus} {...firstStep}>
          <Button look="main" onClick={() => setOpen(true)}>
            Choose a folder
          </Button>
        </Empty>
      ) : (
        <NoFolderSet />
      )}
      <FolderDialog
        isOpen={isOpen}
        folder={undefined}
        like={undefined}
        onClose={() => setOpen(false)}
      />
    </div>
  );
}
