import { AppError } from '#shared/errors.ts';
import { Trouble } from '../../components/Trouble.tsx';
import { tellError } from '../../words/failures.ts';

/** What was asked for is what is wrong with it: it is said, not folded away. */
export function StepTrouble({ error }: Readonly<{ error: unknown }>) {
  const { detail, ...telling } = tellError(error);
  const isAsked = error instanceof AppError && error.code === 'usage';
  return <Trouble telling={{ ...telling, ...(isAsked ? { what: detail } : { detail }) }} />;
}
