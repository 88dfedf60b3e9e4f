import { Trouble } from '../../components/Trouble.tsx';
import { tellAsked } from '../../words/failures.ts';

export function StepTrouble({ error }: Readonly<{ error: unknown }>) {
  return <Trouble telling={tellAsked(error)} />;
}
