import type { authenticate, DKIMResult } from 'mailauth';
import type { Resolver } from '../../net/dns/index.ts';
import { nodeResolver } from '../domain/node-resolver.ts';
import { envelopeOfTrace } from './trace.ts';
import { valuesOf } from './mail.ts';
import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

/** How a mail came, as the server that took it saw it; null: taken from the mail's own trace, where it has one. */
export type MessageEnvelope = {
  readonly ip: string;
  readonly helo: string;
  /** Of MAIL FROM; empty for a bounce. */
  readonly sender: string;
};

type Authentication = Awaited<ReturnType<typeof authenticate>>;

// RFC 6376 §6.1 lets a verifier choose; honest mail has up to four. Each costs questions to the DNS of strangers.
const mostSignatures = 10;
// Honest mail has some hundred lines. Measured: mailauth takes 25 s to unfold a field of 100,000 lines, as their square.
const mostHeaderLines = 2_000;
// RFC 8301 §3.2: signers use at least 2,048 bits.
const soundRsaBits = 2_048;

/** DKIM, SPF, DMARC and ARC as a receiver sees them, judged by mailauth. */
export async function checkAuthentication(
  mail: Mail,
  tell: Tell,
  asked: { readonly envelope: MessageEnvelope | null; readonly resolver: Resolver },
): Promise<void> {
  // Without an author there is nobody to be proved; the missing field is a finding of its own.
  if (valuesOf(mail, 'from').length === 0) return;
  const excess = excessOf(mail);
  if (excess !== null) {
    tell('auth-unchecked', { evidence: excess });
    return;
  }
  // Loaded when it is asked for: no other command needs it.
  const { authenticate: judge } = await import('mailauth');
  const resolve = nodeResolver(asked.resolver);
  const envelope = asked.envelope ?? envelopeOfTrace(mail);
  const result = await judge(withCrlf(mail.bytes), {
    ...envelope,
    mta: 'todoku.invalid',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the library's type leaves out MX, which it asks too
    resolver: resolve as (name: string, type: string) => Promise<string[]>,
    disableBimi: true,
    minBitLength: 1_024,
  });
  const before = tellSignatures(result, tell);
  const spf = tellSpf(result, tell, envelope);
  const dmarc = tellDmarc(result, tell, envelope);
  if (result.arc !== false && result.arc.status.result === 'fail')
    tell('arc-failed', { subject: 'ARC', evidence: result.arc.status.comment ?? 'arc=fail' });
  tellUnsubscribe(mail, result, tell);
  if (before && spf && dmarc) tell('authenticated', { evidence: evidenceOf(result) });
}

/** What of a mail is more than is worth the look-ups, or the time; null: nothing. */
function excessOf(mail: Mail): string | null {
  const signatures = valuesOf(mail, 'dkim-signature').length + valuesOf(mail, 'arc-seal').length;
  if (signatures > mostSignatures) return `DKIM-Signature, ARC-Seal: ${signatures} > ${mostSignatures}`;
  const lines = headerLines(mail.bytes);
  return lines > mostHeaderLines ? `${lines} > ${mostHeaderLines}` : null;
}

function headerLines(bytes: Buffer): number {
  let lines = 0;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    // RFC 5322 §2.1: an empty line ends the header.
    if (end - start <= (bytes[start] === 13 ? 1 : 0)) return lines;
    lines += 1;
    start = end + 1;
  }
  return lines;
}

/** A file with the line ends of its disk: signatures are over CRLF (RFC 6376 §5.3). */
function withCrlf(bytes: Buffer): Buffer {
  if (bytes.includes('\r\n')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}

function evidenceOf({ dkim, spf, dmarc }: Authentication): string {
  const lines = dkim.results.map(({ info }) => info);
  if (spf !== false) lines.push(spf.info);
  if (dmarc !== false) lines.push(dmarc.info);
  return exampleLines(lines.map((line) => line.replaceAll(/\s+/g, ' ')));
}

/** true: at least one signature is in order and nothing is wrong with any. */
function tellSignatures({ dkim }: Authentication, tell: Tell): boolean {
  const signed = dkim.results.filter(({ status }) => status.result !== 'none');
  if (signed.length === 0) {
    tell('no-dkim', { subject: 'DKIM-Signature', evidence: 'DKIM-Signature: -' });
    return false;
  }
  const passed = signed.filter(({ status }) => status.result === 'pass');
  // RFC 6376 §6.1: a broken signature is as good as none; beside one that holds it says nothing.
  if (passed.length === 0) for (const each of signed) tellBroken(each, tell);
  return passed.map((each) => tellWeakness(each, tell)).every(Boolean) && passed.length > 0;
}

function nameOf({ signingDomain, selector }: DKIMResult): string {
  return `${selector ?? '?'}._domainkey.${signingDomain ?? '?'}`;
}

function tellBroken(each: DKIMResult, tell: Tell): void {
  const { result, comment, policy } = each.status;
  const seen = {
    subject: nameOf(each),
    evidence: `dkim=${result}${comment === undefined ? '' : ` (${comment})`}`,
  };
  if (result === 'temperror') tell('auth-unchecked', seen);
  else if (policy?.['dkim-rules'] === 'weak-key')
    tell('dkim-key-too-weak', { ...seen, evidence: `RSA ${each.modulusLength ?? '?'} bit` });
  else if (
    each.bodyHash !== undefined &&
    each.bodyHashExpecting !== undefined &&
    each.bodyHash !== each.bodyHashExpecting
  )
    tell('dkim-body-changed', {
      ...seen,
      evidence: `${seen.evidence}\nbh=${each.bodyHashExpecting}, ${each.bodyHash}`,
    });
  else tell('dkim-failed', seen);
}

function tellWeakness(each: DKIMResult, tell: Tell): boolean {
  const subject = nameOf(each);
  const bits = each.modulusLength ?? soundRsaBits;
  const isRsa = each.algo?.startsWith('rsa') === true;
  const weaknesses = [
    { entry: 'dkim-key-short', is: isRsa && bits < soundRsaBits, evidence: `RSA ${bits} bit` },
    { entry: 'dkim-sha1', is: each.algo === 'rsa-sha1', evidence: `a=${each.algo ?? ''}` },
    { entry: 'dkim-testing', is: each.status.testing === true, evidence: each.rr ?? 't=y' },
    {
      entry: 'dkim-part-signed',
      is: each.canonBodyLengthLimited === true,
      evidence: `l=${each.canonBodyLengthLimit ?? '?'}`,
    },
    {
      entry: 'dkim-expired',
      is: each.signatureTimeValid === false,
      evidence: `t=${each.signTime ?? '-'} x=${each.expiresAfter ?? '-'}`,
    },
  ].filter(({ is }) => is);
  for (const { entry, evidence } of weaknesses) tell(entry, { subject, evidence });
  return weaknesses.length === 0;
}

function tellSpf({ spf }: Authentication, tell: Tell, envelope: MessageEnvelope | null): boolean {
  if (envelope === null || spf === false || (spf.domain ?? '') === '') {
    tell('spf-unchecked', { subject: 'SPF', evidence: 'Received, Return-Path: -' });
    return false;
  }
  const { result, comment } = spf.status;
  const seen = {
    subject: spf.domain,
    evidence: `spf=${result}: ${spf['client-ip']}${comment === undefined ? '' : ` (${comment})`}${spf.rr === undefined ? '' : `\n${spf.rr}`}`,
    values: { ip: spf['client-ip'], domain: spf.domain },
  };
  if (result === 'fail') tell('spf-fail', seen);
  else if (result === 'softfail' || result === 'neutral') tell('spf-softfail', seen);
  else if (result === 'none') tell('spf-none', seen);
  else if (result === 'permerror') tell('spf-permerror', seen);
  else if (result !== 'pass') tell('auth-unchecked', seen);
  return result === 'pass';
}

function tellDmarc(
  { dmarc, dkim, spf }: Authentication,
  tell: Tell,
  envelope: MessageEnvelope | null,
): boolean {
  // No author, or several: a finding of the From field itself.
  if (dmarc === false) return false;
  const { result, comment } = dmarc.status;
  const domain = dmarc.domain;
  const signers = dkim.results
    .filter((each) => each.status.result !== 'none')
    .map((each) => `${each.status.result} d=${each.signingDomain ?? '?'}`)
    .join(', ');
  const isKnown = spf !== false && (spf.domain ?? '') !== '';
  const sender = isKnown ? `${spf.status.result} ${spf.domain}` : '-';
  const seen = {
    subject: domain,
    evidence: `dmarc=${result}${comment === undefined ? '' : ` (${comment})`}\nFrom: ${domain} · DKIM: ${signers || '-'} · SPF: ${sender}`,
    values: { domain },
  };
  if (result === 'none') tell('dmarc-none', seen);
  // SPF alone could make it pass, and nobody knows what SPF will say.
  else if (result === 'fail' && envelope !== null) tell('dmarc-fail', seen);
  else if (result !== 'pass') tell('auth-unchecked', seen);
  return result === 'pass';
}

/** RFC 8058 §4: List-Unsubscribe and List-Unsubscribe-Post have to be covered by a DKIM signature that holds. */
function tellUnsubscribe(mail: Mail, { dkim }: Authentication, tell: Tell): void {
  const [post] = valuesOf(mail, 'list-unsubscribe-post');
  const passed = dkim.results.filter(({ status }) => status.result === 'pass');
  if (post === undefined || passed.length === 0) return;
  const covers = passed.some(({ signingHeaders }) => {
    const keys = new Set((signingHeaders?.keys ?? '').toLowerCase().split(/\s*:\s*/));
    return keys.has('list-unsubscribe') && keys.has('list-unsubscribe-post');
  });
  if (!covers)
    tell('unsubscribe-unsigned', {
      subject: 'DKIM-Signature',
      evidence: exampleLines(passed.map(({ signingHeaders }) => `h=${signingHeaders?.keys ?? ''}`)),
    });
}
