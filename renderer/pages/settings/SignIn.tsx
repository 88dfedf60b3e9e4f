import { useQuery } from '@tanstack/react-query';
import { CircleAlert, KeyRound } from 'lucide-react';
import type { SignInView } from '#shared/api/connection.ts';
import { printable } from '#shared/format.ts';
import { originWords, renewalWords } from '#shared/sign-in.ts';
import { api } from '../../api.ts';
import { Countdown } from '../../components/Clock.tsx';
import { formatDeadline } from '../../words/time.ts';

/** Whose keys sign, and until when. */
export function SignIn() {
  const { data } = useQuery({
    queryKey: ['sign-in'],
    queryFn: () => api.getSignIn({}),
    // A file, a program or a service may have others by now.
    refetchInterval: 30_000,
  });
  if (!data?.signIn) return null;
  const { signIn } = data;
  const { needsPerson, keyEnding, isTemporary, endsAtMs } = signIn;
  const source = { source: signIn.source, profile: signIn.profile ?? undefined };
  const origin = printable(originWords(source));
  return (
    <p className={needsPerson ? 'sign-in sign-in-over' : 'sign-in'}>
      {needsPerson ? (
        <CircleAlert className="icon" aria-hidden />
      ) : (
        <KeyRound className="icon" aria-hidden />
      )}
      {keyEnding === null && signIn.profile === null ? (
        <span>
          There are no keys yet: none are entered here, and the AWS tools have none that work on
          this computer. Enter an access key and a secret key above, or sign in with the AWS tools.
        </span>
      ) : needsPerson ? (
        <span>
          {keyEnding === null ? 'No keys came from' : 'The storage does not take the keys from'}{' '}
          {origin}. {printable(renewalWords(source))}
        </span>
      ) : (
        <span>
          Keys come from {origin}. The access key ends in {keyEnding}.
          <End isTemporary={isTemporary} endsAtMs={endsAtMs} />
        </span>
      )}
    </p>
  );
}

function End({ isTemporary, endsAtMs }: Pick<SignInView, 'isTemporary' | 'endsAtMs'>) {
  if (endsAtMs === null) return isTemporary ? ' It is temporary; when it ends is not known.' : null;
  return (
    <>
      {' '}
      It works until {formatDeadline(endsAtMs)} (
      <Countdown untilMs={endsAtMs} before="another" after="over" />
      ).
    </>
  );
}
