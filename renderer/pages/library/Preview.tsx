/** @file Seeing and hearing that it is the right recording, before a link to it goes out. */
import { Eye, EyeOff } from 'lucide-react';
import type { SyntheticEvent } from 'react';
import type { ApiOutput } from '#shared/api.ts';
import type { ObjectDetails } from '#shared/api/stored.ts';
import { AppError } from '#shared/errors.ts';
import { formatBytes, printable } from '#shared/format.ts';
import { shownAs, type Shown } from '#shared/preview.ts';
import { Button } from '../../components/Button.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { endPlayer, usePreview } from '../../hooks/usePreview.ts';
import { tellError } from '../../words/failures.ts';
import { previewEnded, previewImpossible } from '../../words/previews.ts';
import type { Telling } from '../../words/troubles.ts';

/** Where a sentence says what it may cost: above it, a line by the hour is felt. */
const LARGE_BYTES = 200_000_000;

type Props = Readonly<{
  object: ObjectDetails;
  name: string;
  /** Told once it is open: how long it plays. */
  onLength?: ((ms: number) => void) | undefined;
}>;

export function Preview({ object, name, onLength }: Props) {
  const shown = shownAs(object);
  if (shown) return <Showing object={object} name={name} onLength={onLength} shown={shown} />;
  return (
    <p className="muted">
      {object.sizeBytes === 0
        ? 'It is empty: there is nothing to preview.'
        : 'There is no preview of this kind of file: download it to look at it.'}
    </p>
  );
}

function Showing({ object, name, onLength, shown }: Props & Readonly<{ shown: Shown }>) {
  const preview = usePreview(object.key);
  const { path, isStarting, start, stop, onFailed, error, broken } = preview;
  const isOpen = path !== undefined;
  const Icon = isOpen ? EyeOff : Eye;
  return (
    <div className="showing">
      <Button aria-expanded={isOpen} isBusy={isStarting} onClick={isOpen ? stop : start}>
        <Icon className="icon" aria-hidden />
        {isOpen ? 'Close preview' : isStarting ? 'Opening…' : 'Preview'}
      </Button>
      {object.sizeBytes > LARGE_BYTES && (
        <p className="muted">
          Up to {formatBytes(object.sizeBytes)} may be read from the storage for it.
        </p>
      )}
      {path !== undefined && (
        <Player
          kind={shown.kind}
          path={path}
          name={printable(name)}
          onLength={onLength}
          onFailed={onFailed}
        />
      )}
      {!isOpen && error && <Trouble telling={tellError(error)} />}
      {!isOpen && !error && broken && <Trouble telling={tellBroken(broken, shown)} />}
    </div>
  );
}

type PlayerProps = Readonly<{
  kind: Shown['kind'];
  path: string;
  name: string;
  onFailed: () => void;
}> &
  Pick<Props, 'onLength'>;

/** With the browser's own controls, but for those that the window has no way for. */
function Player({ kind, path, name, onLength, onFailed }: PlayerProps) {
  const label = `Preview of ${name}`;
  const media = {
    src: path,
    controls: true,
    controlsList: 'nodownload nofullscreen noremoteplayback',
    preload: 'metadata',
    disableRemotePlayback: true,
    'aria-label': label,
    onLoadedMetadata({ currentTarget }: SyntheticEvent<HTMLMediaElement>) {
      // Of what was never finished it is not known.
      if (Number.isFinite(currentTarget.duration)) onLength?.(currentTarget.duration * 1_000);
    },
    onError: onFailed,
    ref: endPlayer,
  } as const;
  if (kind === 'image') return <img src={path} alt={label} onError={onFailed} />;
  // Nobody has written captions of a recording yet.
  if (kind === 'audio') return <audio {...media} />; // oxlint-disable-line jsx-a11y/media-has-caption
  return <video {...media} disablePictureInPicture />; // oxlint-disable-line jsx-a11y/media-has-caption
}

function tellBroken({ isOpen, trouble }: ApiOutput<'getPreview'>, shown: Shown): Telling {
  if (trouble) return tellError(new AppError(trouble.code));
  return isOpen ? previewImpossible(shown.kind) : previewEnded;
}
