import { withinTime } from '../findings/index.ts';
import type { Finding } from '../findings/index.ts';
import type { Account } from './account.ts';
import { findServices } from './find-services.ts';
import { foldersOf, imapFailure, lookIntoImap, signInToImap } from './imap-mailbox.ts';
import type { Folder } from './imap-mailbox.ts';
import { openDialog } from './line-dialog.ts';
import { isOfAccount } from './login-reply.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { openService } from './open-service.ts';
import type { Opened } from './open-service.ts';
import { lookIntoPop, signInToPop } from './pop-mailbox.ts';
import { goRoundTrip, lookByImap, lookByPop } from './round-trip.ts';
import type { LookForMark } from './round-trip.ts';
import { findSender } from './sender-search.ts';
import { placeOf, userOf } from './services.ts';
import type { MailboxServices, Service } from './services.ts';
import { activeScript } from './sieve-client.ts';
import { signInToSmtp } from './smtp-login.ts';

export type MailboxQuestion = {
  /** null: only servers are named. */
  readonly address: string | null;
  /** Named by hand; where there are any, nothing is looked for. */
  readonly services: readonly Service[];
  /** null: the address, in the form that the provider wants. */
  readonly user: string | null;
  /** null: looked at without signing in. */
  readonly password: string | null;
  /** Whose mail is looked for; null: nobody's. */
  readonly sender: string | null;
  /** How long to wait for a mail to oneself; null: none is sent. */
  readonly roundTripMs: number | null;
  /** RFC 5804 §1.8: 4190. */
  readonly sievePort: number;
  /** For the folders in which a sender is looked for; those left then are said to be left. */
  readonly searchMs: number;
  /** For everything but the round trip. */
  readonly limitMs: number;
};

/** RFC 5804 §1.8. */
export const standardSievePort = 4190;

/** Why somebody cannot send or receive: layer by layer for each server, then what lies in the mailbox. */
export async function checkMailbox(
  question: MailboxQuestion,
  tools: MailboxTools,
): Promise<readonly Finding[]> {
  const subject = question.address ?? question.services.map(placeOf).join(', ');
  const limitMs = question.limitMs + (question.roundTripMs ?? 0);
  const held: Closing[] = [];
  // Also those of a step that has not come to its end when time is up.
  const open: MailboxTools['dialog']['open'] = (place) => {
    const socket = tools.dialog.open(place);
    held.push(() => socket.destroy());
    return socket;
  };
  const watched = { ...tools, dialog: { ...tools.dialog, open } };
  const found = await withinTime(async () => await look(question, { tools: watched, held }), {
    clock: tools.clock,
    limitMs,
  });
  for (const close of held) close();
  const seconds = Math.round(limitMs / 1000);
  return (
    found ?? [tools.finding('mailbox.too-slow', { subject, evidence: `${seconds} s`, values: { seconds } })]
  );
}

type Closing = () => void;

/** What is open, so that it is closed whatever happens. */
type Looking = { readonly tools: MailboxTools; readonly held: Closing[] };

type OpenService = Extract<Opened, { kind: 'open' }>;

async function look(question: MailboxQuestion, looking: Looking): Promise<readonly Finding[]> {
  const { tools } = looking;
  tools.progress({ ja: '設定を探しています', en: 'looking for the settings' });
  const setting = await settingOf(question, tools);
  const subject = question.address ?? '';
  if (setting.services.length === 0)
    return [tools.finding('mailbox.settings-unknown', { subject, evidence: subject })];
  const opened = await Promise.all(
    setting.services.map(async (service) => {
      tools.progress({ ja: `${placeOf(service)} に接続しています`, en: `connecting to ${placeOf(service)}` });
      return await openService(service, tools);
    }),
  );
  const open = opened.filter((each) => each.kind === 'open');
  const network = await networkFault(opened, question, tools);
  if (network !== null) return [network];
  const account = {
    address: question.address,
    user: question.user ?? userOf(question.address ?? '', setting.user),
    password: question.password,
    policy: setting.password,
  };
  const inside = await lookInside(open, { question, account, setting }, looking);
  return [...opened.flatMap(({ findings }) => findings), ...inside];
}

async function settingOf(question: MailboxQuestion, tools: MailboxTools): Promise<MailboxServices> {
  const domain = question.address?.slice(question.address.lastIndexOf('@') + 1).toLowerCase() ?? null;
  const entry = tools.facts.services.find(({ domains }) => domain !== null && domains.includes(domain));
  if (question.services.length > 0 || domain === null)
    return {
      services: question.services,
      user: entry?.user ?? 'address',
      password: entry?.password ?? 'plain',
      provider: entry?.id ?? null,
    };
  return await findServices(domain, tools);
}

/** When no server was reached at all, whether anything can be: the first layer of all. */
async function networkFault(
  opened: readonly Opened[],
  question: MailboxQuestion,
  tools: MailboxTools,
): Promise<Finding | null> {
  const isUnreached = opened.every(
    (each) => each.kind === 'broken' && (each.layer === 'name' || each.layer === 'port'),
  );
  if (!isUnreached || tools.anchors.length === 0) return null;
  tools.progress({ ja: 'ネットワークを確かめています', en: 'asking whether there is a network' });
  const tries = await Promise.all(
    tools.anchors.map(async (anchor) => {
      const colon = anchor.lastIndexOf(':');
      const address = anchor.slice(0, colon).replaceAll(/[[\]]/g, '');
      const dialog = await openDialog({ address, port: Number(anchor.slice(colon + 1)) }, tools.dialog);
      if (typeof dialog === 'string') return dialog;
      dialog.close();
      return null;
    }),
  );
  // A refusal is an answer too: packets come and go.
  if (tries.some((failure) => failure === null || failure === 'refused')) return null;
  const evidence = tools.anchors.map((anchor, index) => `${anchor}: ${tries[index]}`).join('\n');
  return tools.finding('mailbox.no-network', { subject: question.address ?? '', evidence });
}

type Person = {
  readonly question: MailboxQuestion;
  readonly account: Account;
  readonly setting: MailboxServices;
};

/** Signs in, one server after the other: a wrong password tried three times at once locks accounts. */
async function lookInside(
  open: readonly OpenService[],
  person: Person,
  looking: Looking,
): Promise<readonly Finding[]> {
  const { tools } = looking;
  const { account, question } = person;
  const findings: Finding[] = [];
  const add = (more: readonly Finding[]): boolean => {
    findings.push(...more);
    return more.some(({ id }) => isOfAccount.has(id));
  };
  const fine = (service: Service): Finding =>
    tellOf(service, tools)('in-order', account.password === null ? 'TLS' : 'TLS, login');
  const of = (protocol: Service['protocol']): OpenService | undefined =>
    open.find(({ service }) => service.protocol === protocol);
  const [imap, pop, smtp] = [of('imap'), of('pop'), of('smtp')];
  let watch: LookForMark | null = null;
  if (imap !== undefined) {
    tools.progress({ ja: 'IMAP の中を調べています', en: 'looking into IMAP' });
    const seen = await insideImap(imap, person, looking);
    watch = seen.look;
    if (add(seen.findings)) return findings;
    if (seen.findings.length === 0) findings.push(fine(imap.service));
  }
  if (pop !== undefined) {
    tools.progress({ ja: 'POP の中を調べています', en: 'looking into POP' });
    const seen = await insidePop(pop, person, tools);
    watch ??= seen.look;
    if (add(seen.findings)) return findings;
    if (seen.findings.length === 0) findings.push(fine(pop.service));
  }
  if (smtp === undefined) return findings;
  tools.progress({ ja: 'SMTP を調べています', en: 'looking into SMTP' });
  const refused = await signInToSmtp(smtp, account, tools);
  findings.push(...refused);
  if (refused.length > 0) return findings;
  findings.push(fine(smtp.service));
  const { address, roundTripMs } = question;
  if (roundTripMs === null || address === null || watch === null || account.password === null)
    return findings;
  tools.progress({ ja: '自分宛てのメールを送って待っています', en: 'sending a mail to oneself and waiting' });
  const trip = { submission: smtp, address, look: watch, waitMs: roundTripMs };
  try {
    return [...findings, ...(await goRoundTrip(trip, tools))];
  } catch (error) {
    return [...findings, imapFailure(error, (imap ?? smtp).service, tools)];
  }
}

type Seen = { readonly findings: readonly Finding[]; readonly look: LookForMark | null };

async function insideImap(
  { service, address, dialog }: OpenService,
  person: Person,
  looking: Looking,
): Promise<Seen> {
  const { account, question, setting } = person;
  const { tools, held } = looking;
  dialog.close();
  if (account.password === null) return { findings: [], look: null };
  const signing = { ...account, password: account.password };
  const client = await signInToImap({ service, address }, signing, tools);
  if ('id' in client && 'advice' in client) return { findings: [client], look: null };
  held.push(() => client.close());
  try {
    const folders: readonly Folder[] = await foldersOf(client, tools);
    const findings = [
      ...(await lookIntoImap({ client, service, folders, provider: setting.provider }, tools)),
    ];
    if (question.sender !== null) {
      tools.progress({
        ja: `${question.sender} のメールを探しています`,
        en: `looking for mail of ${question.sender}`,
      });
      const place = { host: service.host, address, port: question.sievePort };
      const untilMs = tools.clock.monotonic() + question.searchMs;
      const script = (await activeScript(place, signing, tools))?.script ?? null;
      findings.push(
        ...(await findSender({ client, service, folders, sender: question.sender, script, untilMs }, tools)),
      );
    }
    return { findings, look: lookByImap(client, folders) };
  } catch (error) {
    return { findings: [imapFailure(error, service, tools)], look: null };
  }
}

async function insidePop(opened: OpenService, person: Person, tools: MailboxTools): Promise<Seen> {
  const { account, question, setting } = person;
  if (account.password === null) return { findings: [], look: null };
  const signing = { ...account, password: account.password };
  const refused = await signInToPop(opened, signing, tools);
  if (refused !== null) return { findings: [refused], look: null };
  const findings = [...(await lookIntoPop(opened, tools))];
  // With IMAP beside it all folders were looked through already.
  const isAlone = setting.services.every(({ protocol }) => protocol !== 'imap');
  if (question.sender !== null && isAlone)
    findings.push(tellOf(opened.service, tools)('pop-shows-inbox-only', 'POP3', { sender: question.sender }));
  await goodbye(opened);
  const again = async (): ReturnType<Parameters<typeof lookByPop>[0]> => {
    const next = await openService(opened.service, tools);
    if (next.kind !== 'open') return null;
    return (await signInToPop(next, signing, tools)) === null ? next.dialog : null;
  };
  return { findings, look: lookByPop(again) };
}

/** Ends the session, and with it the lock on the maildrop (RFC 1939 §6). */
async function goodbye({ dialog }: OpenService): Promise<void> {
  dialog.send('QUIT');
  await dialog.line();
  dialog.close();
}
