/** @file What a person chooses of a link: how long it works, for what, and a note for the record. */
import { useState, type ReactNode } from 'react';
import type { ApiInput } from '#shared/api.ts';
import type { LinkView } from '#shared/api/stored.ts';
import type { Shown } from '#shared/command-line.ts';
import { MAX_LINK_SECONDS } from '#shared/link.ts';
import { lifeText, linkLimitText } from '#shared/school.ts';
import { Choices } from '../../components/Choices.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { ShowCommand } from '../../components/ShowCommand.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useDenied } from '../../hooks/useDenied.ts';
import { useNow } from '../../hooks/useNow.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { tellError } from '../../words/failures.ts';
import { formatSpan } from '../../words/time.ts';
import { firstUntil, UntilField } from './UntilField.tsx';

type Choices = Pick<ApiInput<'createLink'>, 'expiresInSeconds' | 'mode' | 'note'>;

const lives = [
  { words: '1 hour', value: 3_600 },
  { words: '1 day', value: 86_400 },
  { words: '7 days', value: MAX_LINK_SECONDS },
] as const;

/** The usual ones, and the longest that there may be. */
function livesUpTo(longest: number) {
  const usual = lives.filter(({ value }) => value <= longest);
  const isUsual = usual.some(({ value }) => value === longest);
  return isUsual ? usual : [...usual, { words: lifeText(longest), value: longest }];
}

/** As long as the one before was made for, of what is offered; else until the time that this leads to. */
function lifeLike(longest: number, seconds = 3_600): number | 'until' {
  const life = Math.min(seconds, longest);
  return livesUpTo(longest).some(({ value }) => value === life) ? life : 'until';
}

function wrongLife(seconds: number, longest: number): string | undefined {
  if (seconds < 60) return 'Choose a time at least a minute from now.';
  return seconds > longest ? `Choose a time within ${lifeText(longest)}.` : undefined;
}

/** Nobody begins to watch at once, or never pauses: half as long again is left for that. */
const WATCHING = 1.5;

const modes = [
  {
    value: 'watch',
    words: 'Watch',
    hint: 'Opens in the browser. It may stop playing when the link ends: leave time for all of it.',
  },
  {
    value: 'download',
    words: 'Download',
    hint: 'Saves the file under its own name. A download that has begun goes on to its end.',
  },
] as const;

type Mode = (typeof modes)[number]['value'];

type Props = Readonly<{
  /** What is chosen at first is as of this link. */
  like?: LinkView | undefined;
  /** How long the recording plays, once that is known. */
  lengthMs?: number | undefined;
  /** Of the recording; missing where the form is for several. */
  objectKey?: string | undefined;
  verb: string;
  error: unknown;
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (choices: Choices) => void;
  /** Below what is chosen, while links may be made at all. */
  children?: ReactNode;
}>;

export function LinkForm(props: Props) {
  const { like, lengthMs = 0, objectKey, verb, isBusy, onCancel, onSubmit, children } = props;
  const longest = useStatus().data?.school?.longestLinkSeconds ?? MAX_LINK_SECONDS;
  const before = like && Math.round((like.expiresAtMs - like.createdAtMs) / 1_000);
  const [picked, setSeconds] = useState<number | 'until'>(() => lifeLike(longest, before));
  const seconds = picked === 'until' ? picked : Math.min(picked, longest);
  const [untilMs, setUntil] = useState(() =>
    before === undefined ? firstUntil(Date.now()) : Date.now() + before * 1_000,
  );
  const [mode, setMode] = useState<Mode>(like?.mode ?? 'watch');
  const [note, setNote] = useState(like?.note ?? '');
  const nowMs = useNow();
  const isDenied = useDenied('s3:GetObject');
  const chosen = seconds === 'until' ? Math.floor((untilMs - nowMs) / 1_000) : seconds;
  const wrong = wrongLife(chosen, longest);
  const shown = shownOf({ like, objectKey }, { expiresInSeconds: seconds, mode, note });
  return (
    <DialogForm
      verb={verb}
      isReady={wrong === undefined && !isDenied}
      isBusy={isBusy}
      onClose={onCancel}
      onSubmit={() => onSubmit({ expiresInSeconds: chosen, mode, note: note.trim() })}
    >
      <fieldset>
        <legend className="legend">Works for</legend>
        <Choices
          name="life"
          choices={[...livesUpTo(longest), { words: 'Until a time', value: 'until' }]}
          value={seconds}
          onChange={setSeconds}
        />
        {seconds === 'until' && (
          <UntilField
            untilMs={untilMs}
            nowMs={nowMs}
            longestMs={longest * 1_000}
            wrong={wrong}
            onUntil={setUntil}
          />
        )}
        {longest < MAX_LINK_SECONDS && <SetBySchool what={linkLimitText(longest)} />}
      </fieldset>
      <fieldset>
        <legend className="legend">Whoever opens it</legend>
        <Choices name="mode" layout="stack" choices={modes} value={mode} onChange={setMode} />
        <div role="status">
          {mode === 'watch' && wrong === undefined && chosen * 1_000 < lengthMs * WATCHING && (
            <p className="said">
              It plays for {formatSpan(lengthMs)}: the link may end before somebody has watched all
              of it.{' '}
              {longest * 1_000 < lengthMs * WATCHING
                ? 'No link may work for long enough here: choose Download, or hand it over in another way.'
                : 'Let it work for longer.'}
            </p>
          )}
        </div>
      </fieldset>
      <div className="field">
        <label htmlFor="link-note">Note</label>
        <input
          id="link-note"
          className="input"
          value={note}
          maxLength={500}
          aria-describedby="link-note-hint"
          onChange={(event) => setNote(event.target.value)}
        />
        <span className="hint" id="link-note-hint">
          Who it is for. Only shown in your list of links.
        </span>
      </div>
      {!isDenied && children}
      {shown && <ShowCommand of={shown} />}
      {props.error !== null && <Trouble telling={tellError(props.error)} />}
      {isDenied && <TurnedOff action="s3:GetObject" />}
    </DialogForm>
  );
}

/**
 * What the command line can do as well. Its links work for a time, not until one; and a renewed link is of the same
 * mode and note.
 */
function shownOf(
  { like, objectKey }: Pick<Props, 'like' | 'objectKey'>,
  chosen: Omit<Choices, 'expiresInSeconds'> & Readonly<{ expiresInSeconds: number | 'until' }>,
): Shown | undefined {
  const { expiresInSeconds, mode } = chosen;
  const note = chosen.note.trim();
  if (expiresInSeconds === 'until' || objectKey === undefined) return undefined;
  if (like === undefined) return { kind: 'link', key: objectKey, expiresInSeconds, mode, note };
  const isSame = mode === like.mode && note === (like.note ?? '');
  return isSame ? { kind: 'renewal', id: like.id, expiresInSeconds } : undefined;
}
