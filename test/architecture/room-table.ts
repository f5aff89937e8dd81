/** What ARCHITECTURE.md says: each room and the rooms it may import. */
export type RoomTable = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads the table whose header row is `| room | what is in it | may import |`. */
export function readRoomTable(markdown: string): RoomTable {
  const lines = markdown.split('\n');
  const header = lines.findIndex((line) => /^\|\s*room\s*\|.*\|\s*may import\s*\|/.test(line));
  if (header === -1) throw new Error('ARCHITECTURE.md has no table | room | what is in it | may import |');
  const rows = new Map<string, ReadonlySet<string>>();
  for (const line of lines.slice(header + 2)) {
    if (!line.startsWith('|')) break;
    const cells = line.split('|').map((cell) => cell.trim());
    rows.set(cells[1] ?? '', new Set((cells[3] ?? '').split(',').map(trimmed).filter(Boolean)));
  }
  return rows;
}

function trimmed(text: string): string {
  return text.trim();
}
