/** @file What is being saved on this computer: the button in the details, and the list below all recordings. */
import { CircleAlert, CircleCheck, Download, FolderOpen, X } from 'lucide-react';
import { useRef } from 'react';
import { formatBytes, printable } from '#shared/format.ts';
import { AppError } from '#shared/errors.ts';
import type { DownloadView } from '#shared/api/stored.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Name } from '../../components/Name.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDownloads } from '../../hooks/useDownloads.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { pageHeading } from '../../hooks/useView.ts';
import { progressWords } from '../../words/states.ts';
import { tellError } from '../../words/failures.ts';

/** Begins a download, and stops it while it is on its way. */
export function DownloadButton({ objectKey }: Readonly<{ objectKey: string }>) {
  const latest = useDownloads().findLast(({ key }) => key === objectKey);
  const start = useAction(() => api.startDownload({ key: objectKey }), { changes: ['downloads'] });
  const isRunning = latest?.state === 'running';
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={button}
        isBusy={start.isPending || isRunning}
        onClick={() => start.mutate(undefined)}
      >
        <Download className="icon" aria-hidden />
        {isRunning ? 'Downloading…' : 'Download'}
      </Button>
      {isRunning && (
        <div className="download-now">
          <Progress download={latest} />
          <Cancel download={latest} onCancel={() => button.current?.focus()} />
        </div>
      )}
      {start.error && <Trouble telling={tellError(start.error)} />}
      {latest?.trouble && <Trouble telling={tellFailed(latest.trouble)} />}
    </>
  );
}

const tellFailed = ({ code }: NonNullable<DownloadView['trouble']>) =>
  tellError(new AppError(code));

/** Nothing as long as nothing was downloaded. */
export function Downloads() {
  const downloads = useDownloads();
  const canReveal = useStatus().data?.can.reveal ?? false;
  const clear = useAction(() => api.clearDownloads({}), { changes: ['downloads'] });
  if (downloads.length === 0) return null;
  return (
    <section className="downloads" aria-labelledby="downloads">
      <header>
        <h2 id="downloads">Downloads</h2>
        {downloads.some(({ state }) => state !== 'running') && (
          <Button look="plain" isSmall onClick={() => clear.mutate(undefined)}>
            Clear the finished ones
          </Button>
        )}
      </header>
      <ul>
        {downloads.toReversed().map((download) => (
          <li key={download.id}>
            <Name text={download.name} />
            <Outcome download={download} />
            {download.state === 'running' && (
              <Cancel download={download} onCancel={() => pageHeading()?.focus()} />
            )}
            {download.state === 'done' && canReveal && <Reveal download={download} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

type Props = Readonly<{ download: DownloadView }>;

function Outcome({ download }: Props) {
  const { state, trouble, path, verified } = download;
  if (state === 'running') return <Progress download={download} />;
  const telling = trouble && tellFailed(trouble);
  const Icon = telling ? CircleAlert : CircleCheck;
  const words = telling
    ? `${telling.title}. ${telling.todo}`
    : `${verified ? 'Compared' : 'Nothing to compare with'} · ${printable(path)}`;
  return (
    <span className={`state state-${telling ? 'help' : 'done'}`}>
      <Icon className="icon" aria-hidden />
      <span className="clip" title={words}>
        {words}
      </span>
    </span>
  );
}

function Progress({ download: { name, doneBytes, sizeBytes } }: Props) {
  return (
    <span className="job-progress">
      <progress
        className="bar"
        value={doneBytes}
        max={Math.max(1, sizeBytes)}
        aria-label={`Downloaded of ${printable(name)}`}
      />
      <span className="clip num">
        {doneBytes < sizeBytes
          ? progressWords(doneBytes, sizeBytes)
          : `Comparing ${formatBytes(sizeBytes)}…`}
      </span>
    </span>
  );
}

/** It goes away with its download: `onCancel` puts the focus elsewhere. */
function Cancel({ download: { id, name }, onCancel }: Props & Readonly<{ onCancel: () => void }>) {
  const cancel = useAction(() => api.cancelDownload({ id }), { changes: ['downloads'] });
  return (
    <Button
      isSmall
      aria-label={`Cancel the download of ${printable(name)}`}
      isBusy={cancel.isPending}
      onClick={() => {
        onCancel();
        cancel.mutate(undefined);
      }}
    >
      <X className="icon" aria-hidden />
      Cancel
    </Button>
  );
}

function Reveal({ download: { id, name } }: Props) {
  const reveal = useAction(() => api.revealDownload({ id }), { changes: [] });
  return (
    <Button
      isSmall
      aria-label={`Show ${printable(name)} in its folder`}
      onClick={() => reveal.mutate(undefined)}
    >
      <FolderOpen className="icon" aria-hidden />
      Show in folder
    </Button>
  );
}
