import { readFileSync, realpathSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';

/** As Linux names them in mountinfo. FUSE file systems of local disks (`fuseblk`, such as NTFS) are not among them. */
const overNetwork =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|coda|gfs2?|glusterfs|lustre|ocfs2|beegfs|vboxsf|davfs2?|fuse\.(?:sshfs|rclone|s3fs|davfs2?|glusterfs|ceph|cifs|smbnetfs|curlftpfs|gcsfuse|goofys|mount-s3|juicefs|vmhgfs-fuse))$/;

/** Any program may be behind these, and stop answering. */
const behindProgram = /^fuse(?:\.|$)/;
const SHARE = 'a network share';

/** The file system of a path when other computers may write to it too. @param mounts As for `fileSystemOf`. */
export function networkFileSystem(path: string, mounts: string): string | undefined {
  const type = fileSystemOf(path, mounts);
  return type === SHARE || overNetwork.test(type) ? type : undefined;
}

/**
 * Whether a disk of this computer tells what changes in a folder. A share tells nothing of what others
 * write; and to be told, the whole folder is walked by calls that nobody can take back: of one that hangs
 * meanwhile they would take every thread that there is for files.
 */
export function tellsChanges(path: string, mounts = mountsOfThisSystem()): boolean {
  return (
    networkFileSystem(path, mounts) === undefined && !behindProgram.test(fileSystemOf(path, mounts))
  );
}

/**
 * @param mounts Text of `/proc/self/mountinfo` (proc(5)): the mount point is its fifth field, and the type
 *   the first after ` - `.
 */
function fileSystemOf(path: string, mounts: string): string {
  if (/^[\\/]{2}[^\\/?.]/.test(path)) return SHARE;
  let longest = '';
  let type = '';
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = (before.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    const isAbove = point === '/' || path === point || path.startsWith(`${point}/`);
    // A later mount at the same place covers the former.
    if (point === '' || !isAbove || point.length < longest.length) continue;
    longest = point;
    type = after.split(' ')[0] ?? '';
  }
  return type;
}

/**
 * Refuses a home on a network file system: the ledger's WAL works on one computer only
 * (https://www.sqlite.org/wal.html), and two of them would ruin it.
 *
 * @throws AppError `home-not-local`
 */
export function assertLocalDisk(path: string): void {
  const type = networkFileSystem(realpathSync(path), mountsOfThisSystem());
  if (type !== undefined) throw new AppError('home-not-local', `${path} is on ${type}`);
}

/** Only Linux tells; elsewhere the path alone has to do. */
function mountsOfThisSystem(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}
