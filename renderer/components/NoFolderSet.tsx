import { FolderPlus } from 'lucide-react';
import { Empty } from './Empty.tsx';
import { SetBySchool } from './SetBySchool.tsx';

/** Where no folder is followed, and none can be added here. */
export function NoFolderSet() {
  return (
    <Empty
      icon={FolderPlus}
      title="No folder is followed yet"
      text="Recordings on this computer are not copied to the storage. If your school has chosen a folder, it is followed as soon as it is there."
    >
      <SetBySchool lock="folders" />
    </Empty>
  );
}
