/** What one file or mail may hold. Beyond it the report is refused. */
export const reportLimits = {
  // The largest text as an attachment, whose base64 is a third more. Whoever reads has it in memory, decoded and as text:
  // beyond this one input took more than 50 MB.
  inputBytes: 12 * 1024 * 1024,
  // A record takes 600 octets: some 13,000 sources in one report. Google and Yahoo split theirs long before.
  textBytes: 8 * 1024 * 1024,
  // All archives of one input together: a zip in a gzip holds the same text twice.
  unpackedBytes: 16 * 1024 * 1024,
  // Reports shrink to a twentieth, very uniform ones to a hundredth; DEFLATE's most is 1/1032 (zeros).
  unpackedRatio: 300,
  // Below this a ratio says nothing: a hundred octets that unpack to ten thousand harm nobody.
  unpackedFreeBytes: 256 * 1024,
  // A report in a zip in a gzip is a mistake that happens; more is a bomb.
  archiveDepth: 2,
  // One report per file is the rule (RFC 9990 §2.6); providers that send several stay far below.
  archiveEntries: 64,
  reportsPerInput: 64,
  // A mail, what is attached to it as a file, and a handful forwarded together.
  mails: 32,
  // The schema of RFC 9990 is 5 deep, extensions put their own below.
  xmlDepth: 24,
  // One policy a domain and a failure per host and kind: a tenth of this is much.
  jsonBytes: 3 * 1024 * 1024,
  // Tags and texts of one record, or of all that is no record: a record with 100 signatures has 2,000. A tree of more than
  // this is what fills the memory, at 300 octets a node.
  xmlPieces: 20_000,
  xmlPieceCharacters: 1024 * 1024,
  // Of the whole text: 13,000 records have 60 each. 8 MiB of the smallest tags would be four times this and take 3 s.
  xmlPiecesInAll: 1_000_000,
  // The same of JSON.
  jsonBrackets: 50_000,
  // RFC 8460 §4.4 nests 6 deep.
  jsonDepth: 16,
  // Five records of the smallest form fit in a kilobyte: what `textBytes` could hold at most, halved.
  records: 50_000,
  // A comment or a reason, not a letter.
  textCharacters: 1_000,
  // Several DKIM signatures, reasons, extensions; RFC 9990 §3.1.1.12 asks for the most relevant 100.
  listItems: 100,
  // Header of the reported mail.
  headerCharacters: 65_536,
} as const;
