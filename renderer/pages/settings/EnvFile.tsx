import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EnvFileView } from '#shared/api/connection.ts';
import { AppError } from '#shared/errors.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import type { EnvFile } from '../../hooks/useEnvFile.ts';
import { tellError } from '../../words/failures.ts';
import { TestButton, TestResult, useTest } from './Checks.tsx';
import { changedBySaving } from './connection-queries.ts';
import { EnvFilePreview } from './EnvFilePreview.tsx';
import { GiveFile } from './GiveFile.tsx';
import { Agreement, needsAgreement } from './Keys.tsx';

/** A `.env` file becomes the connection: seen first, then tried, then saved. */
export function EnvFileDialog({ envFile }: Readonly<{ envFile: EnvFile }>) {
  const { isOpen, view, error, read, open, close } = envFile;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      isWide
      title="Connect with a .env file"
      description="Nothing is changed before you save."
    >
      {view ? (
        <Offer key={view.id} view={view} onAgain={open} onClose={close} />
      ) : (
        <>
          <div className="dialog-body">
            <GiveFile onText={(text) => void read(text)} />
            {error !== undefined && <Trouble telling={tellError(error)} />}
          </div>
          <footer className="dialog-foot">
            <Button onClick={close}>Cancel</Button>
          </footer>
        </>
      )}
    </Dialog>
  );
}

type OfferProps = Readonly<{ view: EnvFileView; onAgain: () => void; onClose: () => void }>;

function Offer({ view, onAgain, onClose }: OfferProps) {
  const [isAgreed, setAgreed] = useState(false);
  const { show } = useNotices();
  const { data: stored } = useQuery({
    queryKey: ['connection'],
    queryFn: () => api.getConnection({}),
  });
  const test = useTest(view.id);
  const save = useAction(() => api.saveEnvFile({ id: view.id, agreesToUnprotected: isAgreed }), {
    changes: changedBySaving,
    onDone() {
      show('The connection is saved.');
      onClose();
    },
  });
  const isRefused = save.error instanceof AppError && save.error.code === 'keys-unprotected';
  const asks = view.keys !== null && stored !== undefined && (isRefused || needsAgreement(stored));
  const isTested = test.data !== undefined || test.error !== null;
  const isGood = test.data?.ok === true;
  return (
    <>
      <div className="dialog-body">
        <EnvFilePreview view={view} />
        {asks && <Agreement isAgreed={isAgreed} onAgreed={setAgreed} />}
        {view.isUsable && !isTested && (
          <p className="hint">
            Test it first: a small object is written, read and deleted. Then it can be saved.
          </p>
        )}
        {view.isUsable && <TestResult test={test} />}
        {save.error && <Trouble telling={tellError(save.error)} />}
      </div>
      <footer className="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button onClick={onAgain}>Another file…</Button>
        {view.isUsable && <TestButton test={test} isMain={!isTested} />}
        {view.isUsable && (
          <Button
            look={isTested ? 'main' : undefined}
            disabled={!isTested}
            isBusy={save.isPending}
            onClick={() => save.mutate(undefined)}
          >
            {isGood || !isTested ? 'Save connection' : 'Save all the same'}
          </Button>
        )}
      </footer>
    </>
  );
}
