import type { SourcePlace } from './source-place.ts';

/** The stored content of a campaign: Liquid sources and header values. */
export type Content = {
  /** `Name <local@domain>` or a bare address. */
  readonly from: string;
  readonly replyTo: string | null;
  /** Liquid source, one line. */
  readonly subject: string;
  /** File names are for error messages. At least one of the two is present. */
  readonly html: {
    readonly name: string;
    readonly source: string;
    /** When the source was made from the file of that name: where its Liquid stands there, in the source's order. */
    readonly places?: readonly SourcePlace[];
  } | null;
  readonly text: { readonly name: string; readonly source: string } | null;
  /** Values of variables that a recipient lacks, or has as an empty text (as Liquid's `default` filter sees it). */
  readonly defaults: Readonly<Record<string, string>>;
  /** Each message travels over proven TLS only, all the way, or not at all (RFC 8689). */
  readonly requireTls?: true;
};

/** The recipient as the template sees it. */
export type ComposeRecipient = {
  readonly address: string;
  readonly variables: Readonly<Record<string, string>>;
};

/** What is stamped on one message. */
export type Stamp = {
  /** RFC 5322 Message-ID with angle brackets; the same at each attempt. */
  readonly messageId: string;
  readonly dateMs: number;
  /** One-click URL and mailto of RFC 2369 / RFC 8058. */
  readonly unsubscribe: { readonly url: string; readonly mailto: string } | null;
  /** Link of the page about this message; asked for by templates that show it alone, as sealing takes 2 µs. */
  readonly notArrivedUrl?: () => string;
  /** Feedback-ID value, null to leave out. */
  readonly feedbackId: string | null;
};
