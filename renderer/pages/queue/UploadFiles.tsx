import { FileUp } from 'lucide-react';
import { useState } from 'react';
import type { ChosenFile } from '#shared/api/queue-view.ts';
import { api } from '../../api.ts';
import { useAction } from '../../hooks/useAction.ts';
import { Button } from '../../components/Button.tsx';
import { UploadDialog } from './UploadDialog.tsx';

/** Asks the host for files, then where they go. */
export function UploadFiles({ isLocked }: Readonly<{ isLocked: boolean }>) {
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [isOpen, setOpen] = useState(false);
  const choose = useAction(() => api.chooseFiles({}), {
    changes: [],
    onDone({ files: chosen }) {
      setFiles(chosen);
      setOpen(chosen.length > 0);
    },
  });
  return (
    <>
      <Button
        isBusy={choose.isPending}
        onClick={() => (isLocked ? setOpen(true) : choose.mutate(undefined))}
      >
        <FileUp className="icon" aria-hidden />
        Upload files…
      </Button>
      <UploadDialog isOpen={isOpen} files={files} onClose={() => setOpen(false)} />
    </>
  );
}
