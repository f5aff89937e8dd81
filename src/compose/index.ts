/** The stored content of a campaign: Liquid sources and header values. */
export type Content = {
  /** `Name <local@domain>` or a bare address. */
  readonly from: string;
  readonly replyTo: string | null;
  /** Liquid source, one line. */
  readonly subject: string;
  /** File names are for error messages. At least one of the two is present. */
  readonly html: { readonly name: string; readonly source: string } | null;
  readonly text: { readonly name: string; readonly source: string } | null;
  /** Values of variables that a recipient lacks. */
  readonly defaults: Readonly<Record<string, string>>;
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
  /** Feedback-ID value, null to leave out. */
  readonly feedbackId: string | null;
};

export type ComposedMessage = {
  /** Complete, signed message with CRLF line ends, ending in CRLF. */
  readonly bytes: Buffer;
  readonly dotSafe: boolean;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
};

/** Why one recipient's message could not be made: template, line, variable. A value: the others still go. */
export type ComposeFailure = { readonly failure: string };

/** Content compiled once for many recipients. */
export interface CompiledContent {
  /** Global variables that the templates use, with where, e.g. for the check against the CSV's columns. */
  readonly variables: readonly {
    readonly name: string;
    readonly template: string;
    readonly line: number;
    readonly column: number;
  }[];
  compose(recipient: ComposeRecipient, stamp: Stamp): ComposedMessage | ComposeFailure;
}
