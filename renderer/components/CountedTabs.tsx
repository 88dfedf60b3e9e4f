import { Tabs } from '@base-ui/react/tabs';
import { formatNumber } from '#shared/format.ts';

type Props<T extends string> = Readonly<{
  label: string;
  shown: readonly T[];
  names: Readonly<Record<T, string>>;
  /** Left out until they are known. */
  counts: Readonly<Record<T, number>> | undefined;
}>;

/** The parts of a list, each with how many are in it. */
export function CountedTabs<T extends string>({ label, shown, names, counts }: Props<T>) {
  return (
    <Tabs.List className="tabs" aria-label={label}>
      {shown.map((name) => (
        <Tabs.Tab className="tab" key={name} value={name}>
          {names[name]}
          <span className="tab-count">{counts && formatNumber(counts[name])}</span>
        </Tabs.Tab>
      ))}
    </Tabs.List>
  );
}
