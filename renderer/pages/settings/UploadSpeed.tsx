import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { bytesOf, megabitWords, uploadMegabits } from '#shared/upload-limit.ts';
import { api } from '../../api.ts';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';
import { roughSpan } from '../../words/time.ts';
import { placeOf, SectionTitle } from './sections.tsx';

/** Half of a slow line: a lesson’s video call goes on beside the uploads. */
const SUGGESTED = 10;

/** How fast all uploads together may be: as fast as the network allows, until a person says otherwise. */
export function UploadSpeed() {
  const { data, error, refetch } = useQuery({
    queryKey: ['upload-limit'],
    queryFn: () => api.getUploadLimit({}),
  });
  return (
    <section className="card" aria-labelledby={placeOf('upload-speed')}>
      <header>
        <SectionTitle section="upload-speed" />
        <p className="muted">
          A limit leaves room on the line for others, such as a video call. It holds for all uploads
          together, also for those on their way.
        </p>
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      {data?.isFixed && data.megabits !== null && (
        <p>
          At most {megabitWords(data.megabits)}.
          <span className="hint">
            {' '}
            Set from outside, by PANSEA_UPLOAD_LIMIT in the environment.
          </span>
        </p>
      )}
      {data && !data.isFixed && <Choice megabits={data.megabits} />}
    </section>
  );
}

/** A gigabyte is an hour of lecture, more or less. */
const spanWords = (megabits: number): string =>
  `A recording of 1 GB then takes about ${roughSpan((1e9 / bytesOf(megabits)) * 1_000)}.`;

function Choice({ megabits }: Readonly<{ megabits: number | null }>) {
  const { show } = useNotices();
  /** Until it is set. */
  const [wantsLimit, setWantsLimit] = useState(false);
  const [edited, setEdited] = useState<string | null>(null);
  const [isTried, setTried] = useState(false);
  const set = useAction((next: number | null) => api.setUploadLimit({ megabits: next }), {
    changes: ['upload-limit', 'status'],
    onDone(_, next) {
      setWantsLimit(false);
      setEdited(null);
      show(
        next === null
          ? 'Uploads are as fast as the network allows.'
          : `Uploads are held to ${megabitWords(next)}.`,
      );
    },
  });
  const isLimited = wantsLimit || (set.isPending ? set.variables : megabits) !== null;
  const typed = edited ?? String(megabits ?? SUGGESTED);
  const asked = uploadMegabits.safeParse(typed.trim() === '' ? undefined : Number(typed));
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (asked.success && asked.data !== megabits) set.mutate(asked.data);
  };
  const choose = (next: boolean) => {
    setWantsLimit(next);
    setTried(false);
    if (!next && megabits !== null) set.mutate(null);
  };
  return (
    <form className="form" onSubmit={save} noValidate>
      <div className="choices choices-stack" role="radiogroup" aria-labelledby="upload-speed">
        <label className="choice">
          <input
            type="radio"
            name="upload-speed"
            checked={!isLimited}
            onChange={() => choose(false)}
          />
          As fast as the network allows
        </label>
        <label className="choice">
          <input
            type="radio"
            name="upload-speed"
            checked={isLimited}
            onChange={() => choose(true)}
          />
          Limited
        </label>
      </div>
      {isLimited && (
        <TextField
          label="Megabits a second"
          hint={asked.success ? spanWords(asked.data) : 'For all uploads together.'}
          inputMode="decimal"
          value={typed}
          maxLength={8}
          wrong={isTried && !asked.success ? 'A number from 0.1 to 100000.' : undefined}
          onText={setEdited}
        >
          <button
            type="submit"
            className="button"
            aria-disabled={set.isPending || asked.data === megabits}
          >
            Set the limit
          </button>
        </TextField>
      )}
      {set.error && <Trouble telling={tellError(set.error)} />}
    </form>
  );
}
