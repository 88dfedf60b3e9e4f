import { Tooltip } from '@base-ui/react/tooltip';
import {
  Archive,
  ArrowUpFromLine,
  Library,
  Link2,
  ScrollText,
  SlidersHorizontal,
  type LucideIcon,
} from 'lucide-react';
import { useIsNarrow } from '../hooks/useMediaQuery.ts';
import { useView, views, type View } from '../hooks/useView.ts';

export const viewNames: Record<View, string> = {
  queue: 'Queue',
  library: 'Library',
  links: 'Links',
  settings: 'Settings',
  history: 'History',
  archive: 'Archive',
};

const icons: Record<View, LucideIcon> = {
  queue: ArrowUpFromLine,
  library: Library,
  links: Link2,
  settings: SlidersHorizontal,
  history: ScrollText,
  archive: Archive,
};

/** Of the page that is open already: a place in it may have been jumped to. */
const toTop = () => document.querySelector('main')?.scrollTo(0, 0);

const modifier = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl ';

/** @param needHelp Files that wait for a person. */
export function Rail({ needHelp }: Readonly<{ needHelp: number }>) {
  const current = useView();
  const isNarrow = useIsNarrow();
  return (
    <nav className="rail" aria-label="Pages">
      <div className="brand">
        <Mark />
        <span>Pan-Sea Sync</span>
      </div>
      <Tooltip.Provider delay={300}>
        <ul>
          {views.map((view, index) => {
            const Icon = icons[view];
            return (
              <li key={view}>
                <Tooltip.Root disabled={!isNarrow}>
                  <Tooltip.Trigger
                    render={
                      <a
                        className="rail-link"
                        href={`#${view}`}
                        onClick={toTop}
                        aria-current={view === current ? 'page' : undefined}
                        aria-keyshortcuts={`Control+${index + 1} Meta+${index + 1}`}
                      />
                    }
                  >
                    <Icon className="icon" aria-hidden />
                    <span className="rail-text">{viewNames[view]}</span>
                    {view === 'queue' && needHelp > 0 ? (
                      <span className="rail-count">
                        {needHelp > 99 ? '99+' : needHelp}
                        <span className="unseen"> need{needHelp === 1 && 's'} you</span>
                      </span>
                    ) : (
                      <kbd aria-hidden>
                        {modifier}
                        {index + 1}
                      </kbd>
                    )}
                  </Tooltip.Trigger>
                  <Tooltip.Portal>
                    <Tooltip.Positioner side="right" sideOffset={6}>
                      <Tooltip.Popup className="tip">{viewNames[view]}</Tooltip.Popup>
                    </Tooltip.Positioner>
                  </Tooltip.Portal>
                </Tooltip.Root>
              </li>
            );
          })}
        </ul>
      </Tooltip.Provider>
    </nav>
  );
}

/** Two waves and what rises from them. */
function Mark() {
  return (
    <svg viewBox="0 0 26 26" fill="none" stroke="currentColor" strokeWidth="2.2" aria-hidden>
      <path d="M13 12V3.5M9 7l4-3.7L17 7" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M2.5 16.5c2.6-2 4.4-2 7 0s4.4 2 7 0 4.4-2 7 0" strokeLinecap="round" />
      <path d="M2.5 21.5c2.6-2 4.4-2 7 0s4.4 2 7 0 4.4-2 7 0" strokeLinecap="round" opacity=".5" />
    </svg>
  );
}
