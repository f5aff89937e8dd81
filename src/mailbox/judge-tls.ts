import type { Finding } from '../findings/index.ts';
import { openDialog } from './line-dialog.ts';
import type { Dialog } from './line-dialog.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { speeches } from './protocol-talk.ts';
import type { Service } from './services.ts';
import type { Secured, TlsReading } from './tls-reading.ts';

/** `usable`: a password may go over it. */
export type TlsJudgement = { readonly usable: boolean; readonly findings: readonly Finding[] };

type Place = { readonly tools: MailboxTools; readonly address: string };

/** Changes to TLS and says what is wrong with it; the causes before the symptoms. */
export async function judgeTls(service: Service, dialog: Dialog, place: Place): Promise<TlsJudgement> {
  const reading = await dialog.secure(service.host);
  if (reading.kind === 'secured') return judgeCertificate(service, reading, place.tools);
  return { usable: false, findings: [await failure(service, reading, place)] };
}

function judgeCertificate(service: Service, tls: Secured, tools: MailboxTools): TlsJudgement {
  const tell = tellOf(service, tools);
  const nowMs = tools.clock.now();
  const seen = `${tls.version}, ${tls.issuer}`;
  const fault = (id: string, evidence: string, values = {}): TlsJudgement => ({
    usable: false,
    findings: [tell(id, evidence, values)],
  });
  const program = tools.facts.interceptors.find(({ pattern }) => pattern.test(tls.issuer))?.name;
  if (program !== undefined) {
    const finding = tell('tls-intercepted', seen, { program });
    // Whoever added its authority on purpose has decided to be read along.
    if (tls.distrust !== null) return { usable: false, findings: [finding] };
    return { usable: true, findings: [{ ...finding, severity: 'warning' }] };
  }
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  // The rest of the chain may be out of date as well; what people can read is the certificate itself.
  if (tls.validToMs < nowMs) return fault('certificate-expired', seen, { day: day(tls.validToMs) });
  if (tls.validFromMs > nowMs)
    return fault('clock-behind', `${seen}: ${day(tls.validFromMs)} > ${day(nowMs)}`, { day: day(nowMs) });
  if (tls.distrust !== null) return fault('certificate-untrusted', `${seen}: ${tls.distrust}`);
  if (tls.wrongName !== null) return fault('certificate-name', tls.wrongName);
  return { usable: true, findings: [] };
}

type Failed = Exclude<TlsReading, Secured>;

async function failure(service: Service, reading: Failed, place: Place): Promise<Finding> {
  const tell = tellOf(service, place.tools);
  if (reading.kind === 'silent') {
    const isPlain = service.tls === 'implicit' && (await greetsInTheClear(service, place));
    if (isPlain) return tell('tls-wrong-mode', 'STARTTLS');
    return tell('tls-silent', `${place.tools.dialog.limits.tlsMs / 1000} s`);
  }
  if (reading.plain) return tell('tls-wrong-mode', reading.code);
  const old = reading.oldVersion && service.tls === 'implicit' ? await oldVersionOf(service, place) : null;
  if (old !== null || /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(reading.code))
    return tell('tls-too-old', old ?? reading.code);
  return tell('tls-failed', reading.code);
}

/** A port that waits for STARTTLS takes the first octets of TLS for a command, or waits for the client. */
async function greetsInTheClear(service: Service, { tools, address }: Place): Promise<boolean> {
  const dialog = await openDialog({ address, port: service.port }, tools.dialog);
  if (typeof dialog === 'string') return false;
  const answer = await speeches[service.protocol].greeting(dialog);
  dialog.close();
  return answer.kind === 'answer' && speeches[service.protocol].speaks.test(answer.lines.join('\n'));
}

/** The version it speaks when old ones are allowed too (RFC 8996 forbids them); nothing but the handshake is done. */
async function oldVersionOf(service: Service, { tools, address }: Place): Promise<string | null> {
  const dialog = await openDialog({ address, port: service.port }, tools.dialog);
  if (typeof dialog === 'string') return null;
  const reading = await dialog.secure(service.host, true);
  dialog.close();
  return reading.kind === 'secured' && /^TLSv1(?:\.1)?$/.test(reading.version) ? reading.version : null;
}
