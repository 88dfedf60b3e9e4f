import mime from 'mime';

/** Recordings that the library does not know as audio or video: camcorders, dictation machines, studios. */
const otherMedia = /\.(?:ac3|awb|braw|ds2|dss|dv|mod|mxf|r3d|tod|w64)$/i;

/** Whether a file is a recording by its name. */
export function isMedia(path: string): boolean {
  if (otherMedia.test(path)) return true;
  // A bare `mp3` is a name without extension, though the library would take it for one.
  const type = path.includes('.') ? (mime.getType(path) ?? '') : '';
  // `.ts` is registered as MPEG transport stream, and `.m3u` lists are no recordings.
  return (type.startsWith('audio/') || type.startsWith('video/')) && !/mpegurl|scpls/.test(type);
}
