import { useState } from 'react';
import { MAX_LINK_SECONDS, MAY_END_SOONER, RENEWED } from '#shared/link.ts';
import type { ApiOutput } from '#shared/api.ts';
import type { LinkView } from '#shared/api/stored.ts';
import { printable } from '#shared/format.ts';
import { lifeText, linkLimitText } from '#shared/school.ts';
import { api } from '../../api.ts';
import { Countdown } from '../../components/Clock.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDenied } from '../../hooks/useDenied.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { useNow } from '../../hooks/useNow.ts';
import { formatDeadline } from '../../words/time.ts';
import { tellError } from '../../words/failures.ts';
import { LinkPreview } from './LinkPreview.tsx';
import { firstUntil, UntilField } from './UntilField.tsx';

/** What to link to; `renews`: in the place of this link, and as that one unless a person changes it. */
export type LinkTarget = Readonly<{
  key: string;
  name: string;
  renews?: LinkView | undefined;
}>;

type Made = ApiOutput<'createLink'>;

/** The dialog is open while there is a target. */
export function LinkDialog({
  target,
  onClose,
}: Readonly<{ target: LinkTarget | undefined; onClose: () => void }>) {
  return (
    <Dialog
      isOpen={target !== undefined}
      onClose={onClose}
      title={target?.renews ? 'Renew the link' : 'Link to a recording'}
      description={
        target && (
          <span className="dialog-name" dir="auto">
            {printable(target.name)}
          </span>
        )
      }
    >
      {target && <MakeLink key={target.key} target={target} onClose={onClose} />}
    </Dialog>
  );
}

const lives = [
  { words: '1 hour', seconds: 3_600 },
  { words: '1 day', seconds: 86_400 },
  { words: '7 days', seconds: MAX_LINK_SECONDS },
] as const;

/** The usual ones, and the longest that there may be. */
function livesUpTo(longest: number) {
  const usual = lives.filter(({ seconds }) => seconds <= longest);
  const isUsual = usual.some(({ seconds }) => seconds === longest);
  return isUsual ? usual : [...usual, { words: lifeText(longest), seconds: longest }];
}

/** As long as the one before was made for, of what is offered; else until the time that this leads to. */
function lifeLike(longest: number, seconds = 3_600): number | 'until' {
  const life = Math.min(seconds, longest);
  return livesUpTo(longest).some((known) => known.seconds === life) ? life : 'until';
}

function wrongLife(seconds: number, longest: number): string | undefined {
  if (seconds < 60) return 'Choose a time at least a minute from now.';
  return seconds > longest ? `Choose a time within ${lifeText(longest)}.` : undefined;
}

const modes = [
  {
    mode: 'watch',
    words: 'Watch',
    hint: 'Opens in the browser. It may stop playing when the link ends: leave time for all of it.',
  },
  {
    mode: 'download',
    words: 'Download',
    hint: 'Saves the file under its own name. A download that has begun goes on to its end.',
  },
] as const;

type Mode = (typeof modes)[number]['mode'];

function MakeLink({ target, onClose }: Readonly<{ target: LinkTarget; onClose: () => void }>) {
  const longest = useStatus().data?.school?.longestLinkSeconds ?? MAX_LINK_SECONDS;
  const { renews } = target;
  const before = renews && Math.round((renews.expiresAtMs - renews.createdAtMs) / 1_000);
  const [picked, setSeconds] = useState<number | 'until'>(() => lifeLike(longest, before));
  const seconds = picked === 'until' ? picked : Math.min(picked, longest);
  const [untilMs, setUntil] = useState(() =>
    before === undefined ? firstUntil(Date.now()) : Date.now() + before * 1_000,
  );
  const [mode, setMode] = useState<Mode>(renews?.mode ?? 'watch');
  const [note, setNote] = useState(renews?.note ?? '');
  const nowMs = useNow();
  const create = useAction(api.createLink, { changes: ['links'] });
  const isDenied = useDenied('s3:GetObject');
  const chosen = seconds === 'until' ? Math.floor((untilMs - nowMs) / 1_000) : seconds;
  const wrong = wrongLife(chosen, longest);
  if (create.data)
    return <TheLink made={create.data} isBeside={renews?.state === 'live'} onClose={onClose} />;
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong === undefined)
          create.mutate({
            key: target.key,
            expiresInSeconds: chosen,
            mode,
            note: note.trim(),
            renews: renews?.id,
          });
      }}
    >
      <div className="dialog-body">
        <fieldset>
          <legend className="legend">Works for</legend>
          <div className="choices">
            {livesUpTo(longest).map(({ words, seconds: value }) => (
              <label className="choice" key={value}>
                <input
                  type="radio"
                  name="life"
                  checked={seconds === value}
                  onChange={() => setSeconds(value)}
                />
                {words}
              </label>
            ))}
            <label className="choice">
              <input
                type="radio"
                name="life"
                checked={seconds === 'until'}
                onChange={() => setSeconds('until')}
              />
              Until a time
            </label>
          </div>
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
          <div className="choices choices-stack">
            {modes.map(({ mode: value, words, hint }) => (
              <label className="choice" key={value}>
                <input
                  type="radio"
                  name="mode"
                  checked={mode === value}
                  onChange={() => setMode(value)}
                />
                <span>
                  {words}
                  <span className="hint">{hint}</span>
                </span>
              </label>
            ))}
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
        {!isDenied && <LinkPreview objectKey={target.key} name={target.name} />}
        {create.error && <Trouble telling={tellError(create.error)} />}
        {isDenied && <TurnedOff action="s3:GetObject" />}
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          className="button button-main"
          disabled={wrong !== undefined || isDenied}
          aria-disabled={create.isPending}
        >
          {renews ? 'Renew' : 'Make link'}
        </button>
      </footer>
    </form>
  );
}

const limits: Record<Made['because'], string> = {
  asked: '',
  'seven-days': 'The storage allows seven days at most.',
  credentials: 'That is earlier than asked: the sign-in that signs links ends then.',
  copy: 'That is earlier than asked: the recording is archived, and its readable copy ends then.',
};

/** `isBeside`: the link that it renews works, too. */
type TheLinkProps = Readonly<{ made: Made; isBeside: boolean; onClose: () => void }>;

function TheLink({ made, isBeside, onClose }: TheLinkProps) {
  const { url, link, because } = made;
  const field = useFocusOn<HTMLTextAreaElement>(url);
  return (
    <div className="dialog-form">
      <div className="dialog-body">
        <div className="field">
          <label htmlFor="link-url">The link</label>
          <textarea
            id="link-url"
            ref={field}
            className="input link-url"
            readOnly
            rows={3}
            value={url}
            onFocus={(event) => event.target.select()}
          />
        </div>
        <p>
          <strong>
            Works until {formatDeadline(link.expiresAtMs)}
            {link.mayEndSooner && ' at most'}
          </strong>
          <span className="muted">
            {' — '}
            <Countdown
              untilMs={link.endsHereMs}
              before={link.mayEndSooner ? 'ends within' : 'ends in'}
              after="it has ended"
            />
            . {limits[because]}
          </span>
        </p>
        {link.mayEndSooner && <p>{MAY_END_SOONER}</p>}
        {isBeside && <p>{RENEWED}</p>}
        <p className="muted">It cannot be recalled; anyone who has it can use it.</p>
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Done
        </button>
        <CopyButton text={url} what="Link" isMain />
      </footer>
    </div>
  );
}
