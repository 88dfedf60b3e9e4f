/** @file The application menu, as a template: what can be pressed is given. */
import type { MenuItemConstructorOptions } from 'electron';
import { endingText } from '#shared/link.ts';
import type { StatusView } from '#shared/api.ts';
import type { PauseLength } from '#shared/pause.ts';
import { views } from './pages.ts';

export type Actions = Readonly<{
  show: (view: string) => void;
  pause: (length: PauseLength) => void;
  resume: () => void;
  tryNow: () => void;
  startWithComputer: (isOn: boolean) => void;
  stayAwake: (isOn: boolean) => void;
  openLogs: () => void;
  openGuide: () => void;
  about: () => void;
  quit: () => void;
}>;

/** What the menu shows of the engine, and of the system. */
type MenuState = Readonly<{
  pausedBy: StatusView['pausedBy'];
  canUpload: boolean;
  /** `undefined` where nobody can say. */
  startsWithComputer: boolean | undefined;
  /** Whether the computer does not fall asleep while recordings are on their way. */
  staysAwake: boolean;
}>;
/** The tray’s has the sentence, too: not every desktop shows what an icon says. */
export type TrayState = MenuState &
  Readonly<{ sentence: string; needYou: number; linksEnding: number }>;

export function menuTemplate(
  host: Readonly<{ platform: NodeJS.Platform; isPackaged: boolean }>,
  state: MenuState,
  actions: Actions,
): MenuItemConstructorOptions[] {
  const isMac = host.platform === 'darwin';
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const quit: MenuItemConstructorOptions = {
    label: 'Quit Pan-Sea Sync',
    accelerator: 'CommandOrControl+Q',
    click: actions.quit,
  };
  const settings: MenuItemConstructorOptions = {
    label: 'Settings…',
    accelerator: 'CommandOrControl+,',
    click: () => actions.show('settings'),
  };
  const about: MenuItemConstructorOptions = { label: 'About Pan-Sea Sync', click: actions.about };
  const appMenu: MenuItemConstructorOptions = {
    label: 'Pan-Sea Sync',
    submenu: [
      about,
      separator,
      settings,
      ...startupItems(state, actions),
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      quit,
    ],
  };
  return [
    ...(isMac ? [appMenu] : []),
    {
      label: 'File',
      submenu: [
        ...(isMac ? [] : [settings, ...startupItems(state, actions), separator]),
        { role: 'close', label: 'Close Window' },
        ...(isMac ? [] : [quit]),
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        ...views.map(({ hash, label }, i): MenuItemConstructorOptions => ({
          label,
          accelerator: `CommandOrControl+${i + 1}`,
          // The page has these keys itself and knows when not to follow them; macOS knows only menus.
          registerAccelerator: isMac,
          click: () => actions.show(hash),
        })),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(host.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
      ],
    },
    { label: 'Uploads', submenu: uploadItems(state, actions) },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    {
      role: 'help',
      submenu: [
        { label: 'AWS Guide to Bucket Permissions', click: actions.openGuide },
        { label: 'Show Log Files', click: actions.openLogs },
        ...(isMac ? [] : [separator, about]),
      ],
    },
  ];
}

/** In the tray: how it is, the way back, the uploads, the end. */
export function trayTemplate(state: TrayState, actions: Actions): MenuItemConstructorOptions[] {
  const { sentence, needYou, linksEnding } = state;
  return [
    { label: sentence, enabled: false },
    ...(needYou > 0
      ? [{ label: `See What Needs You (${needYou})`, click: () => actions.show('queue') }]
      : []),
    ...(linksEnding > 0
      ? [{ label: endingText(linksEnding), click: () => actions.show('links') }]
      : []),
    { type: 'separator' },
    { label: 'Open Pan-Sea Sync', click: () => actions.show('queue') },
    { type: 'separator' },
    ...uploadItems(state, actions),
    { type: 'separator' },
    ...startupItems(state, actions),
    { label: 'Quit Pan-Sea Sync', click: actions.quit },
  ];
}

function startupItems({ startsWithComputer: isOn }: MenuState, actions: Actions) {
  if (isOn === undefined) return [];
  const click = () => actions.startWithComputer(!isOn);
  return [{ label: 'Start with This Computer', type: 'checkbox' as const, checked: isOn, click }];
}

const pauses: readonly Readonly<{ label: string; length: PauseLength }>[] = [
  { label: 'For an Hour', length: 'hour' },
  { label: 'Until Tomorrow, 07:00', length: 'tomorrow' },
  { label: 'Until I Resume', length: 'resumed' },
];

function uploadItems(
  { pausedBy, canUpload, staysAwake }: MenuState,
  actions: Actions,
): MenuItemConstructorOptions[] {
  const isPaused = pausedBy !== null;
  const goOn = pausedBy === 'person' ? 'Resume Uploads' : 'Send Anyway';
  return [
    isPaused
      ? { label: goOn, enabled: canUpload, click: actions.resume }
      : {
          label: 'Pause Uploads',
          enabled: canUpload,
          submenu: pauses.map(({ label, length }) => ({
            label,
            click: () => actions.pause(length),
          })),
        },
    { label: 'Try the Storage Now', enabled: canUpload && !isPaused, click: actions.tryNow },
    {
      label: 'Stay Awake While Uploading',
      type: 'checkbox',
      checked: staysAwake,
      click: () => actions.stayAwake(!staysAwake),
    },
  ];
}
