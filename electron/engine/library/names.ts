/** @file Names that other computers refuse. */

/** Whether Windows keeps a name for a device, with any extension. */
export function isDeviceName(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i.test(name);
}

/** Whether Windows refuses a name, or a person may take it for another one. */
export function isAwkward(name: string): boolean {
  return (
    isDeviceName(name) || /[<>:"\\|?*\p{Cc}\p{Bidi_Control}]/u.test(name) || /[. ]$/.test(name)
  );
}

/** Programs of Windows that do not ask for more: learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation. */
export const WINDOWS_PATH_LENGTH = 260;
