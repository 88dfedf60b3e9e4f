/** @file The parts of the page: each has its place in the address, so that plain links lead to it. */

const names = {
  connection: 'Connection',
  folders: 'Folders',
  'upload-speed': 'Upload speed',
  'virus-scan': 'Virus scan',
  audit: 'Audit',
  cost: 'Cost',
  diagnostics: 'Diagnostics',
} as const;
type Section = keyof typeof names;
const sections = Object.keys(names) as Section[];

export const placeOf = (section: Section) => `settings/${section}`;

/** Takes the focus when it is jumped to, so that the Tab key goes on from there. */
export function SectionTitle({ section }: Readonly<{ section: Section }>) {
  return (
    <h2 id={placeOf(section)} tabIndex={-1}>
      {names[section]}
    </h2>
  );
}

export function Jumps() {
  return (
    <nav className="jumps" aria-label="On this page">
      {sections.map((section) => (
        <a key={section} href={`#${placeOf(section)}`}>
          {names[section]}
        </a>
      ))}
    </nav>
  );
}
