import { serverRefusals } from '../net/smtp-server/index.ts';
import type { Refusal } from '../net/smtp-server/index.ts';

// RFC 3463 §3; texts are for the postmaster at the other end, who has nothing but this line.
export const refusals = {
  ...serverRefusals,
  unknownMailbox: {
    code: 550,
    text: '5.1.1 No such mailbox here: this host takes returned mail and reports only',
  },
  otherDomain: { code: 550, text: '5.7.1 Relaying denied: this domain is not handled here' },
  forged: {
    code: 550,
    text: '5.7.1 This return path was not issued by us: its signature does not verify, nothing was sent with it',
  },
  tooManyRefused: { code: 421, text: '4.7.0 Too many refused recipients, closing connection' },
  tooFast: { code: 450, text: '4.7.0 Too many mails from your address in a minute, try again later' },
  diagnosisOver: {
    code: 550,
    text: '5.1.6 This diagnosis address has expired or had enough mails: get a new one',
  },
  diagnosisBusy: { code: 451, text: '4.3.2 Too many mails to look at this hour, try again later' },
  busy: { code: 451, text: '4.3.2 Busy with other reports, try again later' },
  smuggling: {
    code: 550,
    text: '5.5.2 A line of a single dot not enclosed in <CR><LF>: RFC 5321 section 4.1.1.4',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
