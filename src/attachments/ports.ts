/** A file behind a download link. Times: milliseconds since 1970. */
export type Download = {
  /** SHA-256 of the secret in the link; the secret is kept nowhere. */
  readonly digest: Buffer;
  /** SHA-256 of the content, hexadecimal: its name in the file store. */
  readonly content: string;
  readonly octets: number;
  /** Safe to be given to a stranger's computer. */
  readonly filename: string;
  readonly contentType: string;
  /** scrypt, as `password.ts` writes it; null: none. */
  readonly password: string | null;
  /** `m-…` that it came with, and the sending domain of that. */
  readonly mail: string;
  readonly domain: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  /** Octets that may be sent in all: downloads × size. */
  readonly allowedOctets: number;
  readonly sentOctets: number;
};

/** Rows of downloads; synchronous and durable, like all of the store. */
export interface DownloadStore {
  add(downloads: readonly Download[]): void;
  find(digest: Buffer): Download | null;
  /** Counts octets that are about to be sent; false, and nothing counted, where they are more than allowed. */
  count(digest: Buffer, octets: number): boolean;
  /** Octets of all contents, each once. */
  storedOctets(): number;
  /** Whether any download needs the content. */
  needs(content: string): boolean;
  /** Forgets those that ended before; gives their contents that nothing else needs. */
  removeExpired(beforeMs: number): readonly string[];
  /** Takes back what was added for a mail that was not accepted; gives the contents as `removeExpired` does. */
  removeOf(mail: string): readonly string[];
}

/** How the files of a mail got to one recipient, and by which rule. */
export type AttachmentDecision = {
  /** By their place among the recipients of the mail, from 1: `m-….1`. */
  readonly recipients: readonly number[];
  readonly way: 'whole' | 'links' | 'split';
  readonly limitOctets: number;
  /** Who set the limit. */
  readonly rule: string;
  readonly files: readonly DecidedFile[];
  /** End of the links. */
  readonly untilMs: number | null;
};

export type DecidedFile = {
  readonly filename: string;
  readonly octets: number;
  /** In which mail of how many; null: as a link. */
  readonly part: { readonly mail: string; readonly number: number; readonly of: number } | null;
};

/** For `why`. */
export interface DecisionStore {
  put(mail: string, decisions: readonly AttachmentDecision[]): void;
  of(mail: string): readonly AttachmentDecision[];
  remove(mail: string): void;
}

/** Contents by their SHA-256, each stored once. */
export interface FileStore {
  /** Durable when it resolves; hexadecimal SHA-256. */
  put(content: Buffer): Promise<string>;
  /** The octets from `start` up to and with `end`; null: it is gone. */
  open(
    content: string,
    range: { readonly start: number; readonly end: number },
  ): Promise<ReadableStream<Uint8Array> | null>;
  remove(content: string): Promise<void>;
  /** Every content there is. */
  list(): Promise<readonly string[]>;
}

/** What a virus scanner says of a file. */
export type ScanResult =
  | { readonly kind: 'clean' }
  | { readonly kind: 'infected'; readonly name: string }
  /** It cannot be asked, or could not read the file; English, for the log. */
  | { readonly kind: 'failed'; readonly cause: string };

export type Scanner = (content: Buffer) => Promise<ScanResult>;
