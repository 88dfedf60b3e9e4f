/**
 * @file The 60 faults, how each is brought about, and the tests that show what becomes of a recording in
 * it. Each is tried in this folder, by the rows with its number: what is to be seen of it is seen with its
 * state, its reason, what comes next and the words for it. `elsewhere` says why one cannot be, and then the tests that
 * are named for it have to do. `lacks` says what of a row no test shows.
 */
const table = `
 1 kill -9 at every named moment — crash points, and the proxy for moments on the wire
   crash/crash › is safe when the program dies at %s, hit %i
 2 kill -9 at system calls — strace
   disk/killed-calls › a process killed at any of its writes leaves a sound ledger
   elsewhere it takes strace, and is the same for a hundred calls
 3 power cut — ext4 on a loop device, shut down
   disk/power-cut › what was said is still so after each power cut
   elsewhere it takes a disk of its own, and root
 4 quit, SIGTERM, log-off — SIGTERM
   cli/sync › watch ends cleanly within five seconds of SIGTERM
   engine/queue › the app stops within five seconds although the storage never answers
   electron/uploads › quit in the middle of an upload
 5 second instance; a holder that is stopped — five processes at once; SIGSTOP
   engine/one-writer › of five that start at the same instant exactly one writes
   engine/one-writer › a holder that is stopped is not robbed
   electron/launch › a second start brings the first one’s window to the front
 6 the window crashes — crash of the renderer
   electron/troubles › a window that crashes says that uploads go on
   elsewhere it takes a real Electron
 7 an update killed half-way; a downgrade — a crash point in each migration; a newer ledger
   crash/crash › a program that dies in each step of making its ledger
   engine/ledger › of a newer version is refused and left as it is, to the byte
   electron/troubles › a library of a newer version is said in the window
 8 sleep, and another network on waking — SIGSTOP, all connections gone, SIGCONT
   faults/process › row 8:
   engine/watch-blind › what arrived while the computer slept is found when it wakes
 9 an exception inside — a port that throws
   faults/process › row 9:
10 grows slowly, with pauses — a writer
   engine/held › of %s that closes its file in a pause and goes on is waited for
   engine/settling › that grows is held until it has not changed for the quiet time
11 already growing at the start — a writer
   engine/settling › that grows is held until it has not changed for the quiet time, whoever saw it first
   engine/main-job › one of 300 MB and one still being written
12 temporary names — names
   unit/selector › excludes before it includes, and never includes half-written files
   engine/identity › keeps its place and key when it is renamed, and the parts that were sent
13 a recorder that crashed: MP4 without its index — ffmpeg, killed
   engine/held › that never comes back leaves a held recording
   engine/container › that was killed while it wrote its %s is %s
14 a meeting that Zoom has not converted — names
   engine/held › a meeting that Zoom has not converted is held
15 changed during the upload — writes at a part
   engine/changing-file › that is %s while it is sent is not published: only the new version is
16 changed, with size and time put back — utimes
   engine/settling › whose size and time of change are put back is still seen to have changed
   engine/identity › that was %s, with size and time put back
17 replaced by rename during the upload — rename
   engine/changing-file › a file that another replaces while it is sent is published as it was opened
18 deleted, moved or renamed before the upload — rm, mv
   engine/changing-file › a file deleted before it was sent is missed, and sent when it is back
   engine/identity › when its file is renamed, or moved within the folder
   cli/bad-input › a file that vanishes before it is sent is shown with its path
19 zero bytes — an empty file
   engine/held › an empty file is waited for, then held
20 cannot be read: rights, busy, broken disk — chmod; strace
   engine/unreadable › a file that may not be read stays where it is
   engine/second-thoughts › a disk that fails while it is read is named as such
   disk/killed-calls › a disk that refuses a read, a write or a sync once
21 symbolic links — links
   engine/scan › names what it passes over, and follows and opens nothing that is no regular file
22 FIFO, socket, device, a folder named x.mp4 — mkfifo
   engine/scan › names what it passes over, and follows and opens nothing that is no regular file
   cli/bad-input › what is no readable regular file is refused by name
23 hard links, one folder twice, nested folders — ln
   engine/same-bytes › are sent once also when the copies come together, and of hard links
   engine/watch › is not watched inside another, around another
24 names that differ in case or form — names; an exFAT card
   engine/identity › whose names differ only in case, or in the form of an accent, are two
   disk/exfat › on a card where upper and lower case are one name, a renamed recording stays one
25 naughty names — names
   engine/scan › reports a name whose bytes are no text
   unit/metadata › of any text at all comes back as it was, in NFC
26 ten thousand files at once — a tree of files
   engine/scan › finds each of 1,000 files in a deep tree once
   engine/settling › takes a folder of 200,000 files
   lacks the window’s delay meanwhile
27 the drive vanishes and returns — the folder is renamed away; mounts
   engine/watch › that goes away and comes back loses nothing, and sends nothing twice
   disk/sticks › sticks that are pulled, swapped and plugged in elsewhere, and a share that hangs, lose and mix up nothing
28 an empty mount point stays behind, or another stick is in it — mounts
   disk/sticks › sticks that are pulled, swapped and plugged in elsewhere, and a share that hangs, lose and mix up nothing
29 the watcher fails — a watcher that says nothing; a lower limit of inotify
   engine/watch-blind › with a watcher that says nothing, the scan alone finds and sends every recording once
   disk/watch-limit › of directories that may be watched, the scan finds what came in the others
   elsewhere the limit is a whole process’s: it takes one of its own
   lacks the limit of open files
30 a network drive that hangs — FUSE file systems that never answer, or stop answering
   disk/hung-share › delays no others, and its own go up when it answers
   disk/sticks › sticks that are pulled, swapped and plugged in elsewhere, and a share that hangs, lose and mix up nothing
31 the disk is full — a small disk; SQLITE_FULL
   engine/disk-full › new recordings wait while the disk is nearly full
   engine/stop › a disk that is full in the middle of an upload stops nothing for good
32 fsync fails — strace
   disk/killed-calls › a disk that refuses a read, a write or a sync once
   elsewhere it takes strace
33 the ledger is damaged — bytes overwritten, files cut off or taken away
   engine/damaged-ledger › in any of its pages is found out or harmless
   engine/damaged-ledger › because its last commits were taken away with the -wal file
34 the ledger is gone or old — deleted, or a former copy put back
   engine/lost-ledger › every recording is found in the bucket, and none is sent twice
   engine/lost-ledger › a ledger restored from an old copy takes over what went up since
35 the ledger is read-only, on a network drive, newer — chmod, mount tables, user_version
   engine/home › a home whose %s cannot be written is said to be none
   engine/network-drive › a home on a network drive
   engine/ledger › of a newer version is refused and left as it is
36 a million files — rows and trees
   engine/settling › takes a folder of 200,000 files
   engine/ledger › is asked through its indexes, however long it is
   engine/browse › a hundred thousand objects are paged newest first
   elsewhere there is no trouble to be seen: it is a matter of time and memory
   lacks a million rows, and the memory they take
37 the connection is reset in a part — the proxy
38 nothing moves, and nobody hangs up — the proxy
39 a very slow line — the proxy
   lacks lost packets, parts that become smaller, and a line on which the last megabytes of a part, which lie in the system's buffers, take longer than a minute
40 the answer is lost after the storage has acted — the proxy
   engine/deleting › a deletion whose answer was lost is told as done once the storage says so
41 requests arrive twice, or late — the proxy
42 the name is not known — a name that cannot be
43 a network’s sign-in page — the proxy
   remote/impostor › is taken for the storage by no call at all
44 certificates that are not right — an https server of our own
   remote/transport › who issued a certificate that was refused is told
   engine/host › a connection that is inspected
   remote/transport › a private authority’s file is believed, and nothing else that the system does not know
   remote/impostor › https spoken to a port that knows only http is a connection that is not private
45 proxies — a CONNECT proxy of our own
   remote/transport › a proxy that wants a password, or is not there, is named as such and never as wrong keys
   remote/transport › NO_PROXY goes straight
   lacks automatic proxy configuration (PAC), which the program does not read
46 no network at the start; it comes and goes — the proxy
   engine/queue › while the storage is down the files wait and cost no attempt
47 a completion that only looks like a success — the proxy
48 the answer to the completion is lost — the proxy
49 conditional writes: 412, 409, unknown — the proxy; switches
   engine/lost-answers › is not overwritten by their completion
50 the storage drops the upload — damage
51 busy or failing for long — the proxy
52 another region — the proxy
   engine/corrections › bytes go where the storage says, and that is remembered
53 one permission is missing — switches
   engine/doctor › denied %s is reported denied, by name
54 bits that turn over — the proxy; damage
55 a storage without checksums, ListParts, meaningful ETags — switches
56 huge files — sizes
   unit/parts › takes the largest object of S3, and refuses one byte more
   unit/parts › covers every byte once, in at most 10,000 parts
57 odd listings — a server of our own
   remote/impostor › a list of parts that leads round in circles ends
   remote/impostor › an empty list from what does not name our bucket says nothing about the bucket
   engine/browse › a listing that fails leaves the index as it was
   elsewhere a listing is no recording’s: it has no state to be seen
58 verified objects vanish; the bucket is gone — the proxy; deletions
   engine/audit › a bucket that was emptied raises an alarm; one lost file among many does not
59 the sign-in ends in the middle of an upload — the proxy
   engine/queue › wrong-secret
60 a wrong clock, and one that jumps — the proxy; an injected clock
   engine/clock › a clock that is set back a day during trouble
   engine/doctor › a clock 27 minutes off is named
   engine/skew › minutes ahead costs the first request, and no link its time
`;

export type Fault = Readonly<{
  row: number;
  fault: string;
  injected: string;
  /** Tests elsewhere, by file and by a piece of their title. */
  by: readonly (readonly [file: string, title: string])[];
  /** Why it is not tried in this folder. */
  elsewhere: string | undefined;
  lacks: string | undefined;
}>;

/** @throws Error for a line that is neither a row nor what belongs to one. */
function parse(text: string): Fault[] {
  const faults: {
    row: number;
    fault: string;
    injected: string;
    by: [string, string][];
    elsewhere: string | undefined;
    lacks: string | undefined;
  }[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const head = /^ ?(\d+) (.+) — (.+)$/.exec(line);
    const test = /^ {3}(\S+) › (.+)$/.exec(line);
    const note = /^ {3}(elsewhere|lacks) (.+)$/.exec(line);
    if (head)
      faults.push({
        row: Number(head[1]),
        fault: head[2]!,
        injected: head[3]!,
        by: [],
        elsewhere: undefined,
        lacks: undefined,
      });
    else if (test) faults.at(-1)!.by.push([`tests/${test[1]}.test.ts`, test[2]!]);
    else if (note) faults.at(-1)![note[1] as 'elsewhere' | 'lacks'] = note[2]!;
    else throw new Error(`Not understood: ${line}`);
  }
  return faults;
}

export const matrix: readonly Fault[] = parse(table);
