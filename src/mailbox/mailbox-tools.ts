import type { Bilingual, Clock } from '../base/index.ts';
import type { Finding, FindingMaker } from '../findings/index.ts';
import type { ServiceResolver } from '../net/dns/index.ts';
import type { DialogParts } from './line-dialog.ts';
import type { MailboxFacts } from './mailbox-facts.ts';
import { placeOf } from './services.ts';
import type { Service } from './services.ts';

/** Everything outside that the check of a mailbox needs. */
export type MailboxTools = {
  readonly finding: FindingMaker;
  readonly facts: MailboxFacts;
  readonly resolver: ServiceResolver;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dialog: DialogParts;
  /** Text of an address by HTTPS; null: there is none. */
  readonly fetchText: (url: string) => Promise<string | null>;
  /** `address:port` of places that answer whenever there is a network. */
  readonly anchors: readonly string[];
  /** The name to greet servers with (RFC 5321 §4.1.1.1). */
  readonly hostname: string;
  /** What is being looked at, for whoever waits. */
  readonly progress: (step: Bilingual) => void;
};

export type Values = Readonly<Record<string, string | number>>;

/** Makes a finding about one server; `{service}` and `{place}` stand in all texts. */
export function tellOf(
  service: Service,
  { finding }: Pick<MailboxTools, 'finding'>,
): (id: string, evidence: string, values?: Values) => Finding {
  const place = placeOf(service);
  return (id, evidence, values = {}) =>
    finding(`mailbox.${id}`, {
      subject: place,
      evidence,
      values: {
        service: serviceNames[service.protocol],
        host: service.host,
        port: service.port,
        place,
        ...values,
      },
    });
}

const serviceNames: { readonly [Each in Service['protocol']]: string } = {
  imap: 'IMAP',
  pop: 'POP',
  smtp: 'SMTP',
};
