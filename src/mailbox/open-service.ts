import type { Finding } from '../findings/index.ts';
import { hostAddresses } from '../net/dns/index.ts';
import { judgeTls } from './judge-tls.ts';
import { openDialog } from './line-dialog.ts';
import type { ConnectFailure, Dialog } from './line-dialog.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { lastOf, speeches } from './protocol-talk.ts';
import type { Answer } from './protocol-talk.ts';
import type { Service } from './services.ts';

/** The layers below the login, in the order in which they are looked at. */
export type Layer = 'name' | 'port' | 'greeting' | 'tls' | 'login';

/** A server that could be talked to, in TLS, or the first layer that is broken. */
export type Opened =
  | {
      readonly kind: 'open';
      readonly service: Service;
      readonly dialog: Dialog;
      readonly address: string;
      readonly capabilities: readonly string[];
      /** Worth knowing, and no hindrance. */
      readonly findings: readonly Finding[];
    }
  | { readonly kind: 'broken'; readonly layer: Layer; readonly findings: readonly Finding[] };

/** Goes up the layers of one server and stops at the first that is broken. */
export async function openService(service: Service, tools: MailboxTools): Promise<Opened> {
  const reached = await reach(service, tools);
  if ('kind' in reached) return reached;
  const opened = await talk(service, reached, tools);
  if (opened.kind === 'broken') reached.dialog.close();
  return opened;
}

type Reached = { readonly dialog: Dialog; readonly address: string };

/** From the name to a connection. */
async function reach(service: Service, tools: MailboxTools): Promise<Reached | Opened> {
  const tell = tellOf(service, tools);
  const broken = (layer: Layer, finding: Finding): Opened => ({ kind: 'broken', layer, findings: [finding] });
  const found = await addressesOf(service.host, tools);
  if (found.kind === 'failed')
    return broken('name', tell('dns-silent', `${service.host}: ${found.cause} (${found.server})`));
  if (found.kind !== 'found') return broken('name', tell('name-unknown', `${service.host}: ${found.kind}`));
  let failure: ConnectFailure = 'unreachable';
  for (const address of found.addresses.slice(0, mostAddresses)) {
    const dialog = await openDialog({ address, port: service.port }, tools.dialog);
    if (typeof dialog !== 'string') return { dialog, address };
    failure = dialog;
  }
  const seen = `${found.addresses.join(', ')} port ${service.port}: ${failure}`;
  const [address = ''] = found.addresses;
  if (service.protocol === 'smtp' && service.port === 25 && (await submissionAnswers(address, tools)))
    return broken('port', tell('port-25-blocked', `${seen}; ${submissionPorts.join('/')}: connected`));
  return broken('port', tell(failure === 'refused' ? 'port-refused' : 'port-silent', seen));
}

// A dead one costs the whole limit of a connection, and mail programs give up too.
const mostAddresses = 2;
// RFC 6409 §3.1, RFC 8314 §7.3.
const submissionPorts: readonly number[] = [587, 465];

async function addressesOf(host: string, tools: MailboxTools): ReturnType<typeof hostAddresses> {
  // RFC 6761 §6.3: never asked of the DNS.
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  return await hostAddresses(tools.resolver, isLocal ? '127.0.0.1' : host);
}

async function submissionAnswers(address: string, tools: MailboxTools): Promise<boolean> {
  const tries = await Promise.all(submissionPorts.map((port) => openDialog({ address, port }, tools.dialog)));
  for (const dialog of tries) if (typeof dialog !== 'string') dialog.close();
  return tries.some((dialog) => typeof dialog !== 'string');
}

/** From the connection to capabilities that were told in TLS. */
async function talk(service: Service, { dialog, address }: Reached, tools: MailboxTools): Promise<Opened> {
  const speech = speeches[service.protocol];
  const findings: Finding[] = [];
  const tell = tellOf(service, tools);
  const broken = (layer: Layer, ...faults: readonly Finding[]): Opened => ({
    kind: 'broken',
    layer,
    findings: faults,
  });
  if (service.tls === 'implicit') {
    const tls = await judgeTls(service, dialog, { tools, address });
    findings.push(...tls.findings);
    if (!tls.usable) return broken('tls', ...tls.findings);
  }
  const greeting = await speech.greeting(dialog);
  const fault = greetingFault(service, greeting, tools);
  if (fault !== null) return broken('greeting', fault);
  let capabilities = await speech.capabilities(dialog, tools.hostname);
  // A server that stops answering is not one that offers no TLS.
  if (service.tls === 'starttls' && capabilities.kind === 'answer') {
    const upgraded = await upgrade(service, { dialog, greeting, capabilities, address }, tools);
    if (!upgraded.usable) return broken('tls', ...upgraded.findings);
    findings.push(...upgraded.findings);
    // RFC 3207 §4.2: what was told in the clear is forgotten.
    capabilities = await speech.capabilities(dialog, tools.hostname);
  }
  if (capabilities.kind !== 'answer')
    return broken('greeting', tell('answers-stop', `${service.protocol}: ${capabilities.kind}`));
  return { kind: 'open', service, dialog, address, capabilities: capabilities.lines, findings };
}

function greetingFault(service: Service, greeting: Answer, tools: MailboxTools): Finding | null {
  const tell = tellOf(service, tools);
  if (greeting.kind === 'silent') return tell('greeting-silent', `${tools.dialog.limits.replyMs / 1000} s`);
  if (greeting.kind !== 'answer') return tell('greeting-closed', greeting.kind);
  const said = greeting.lines.join('\n');
  if (!speeches[service.protocol].speaks.test(said)) return tell('greeting-foreign', said);
  return greeting.ok ? null : tell('server-refuses', said);
}

type Upgraded = { readonly usable: boolean; readonly findings: readonly Finding[] };

type Clear = Reached & { readonly greeting: Answer; readonly capabilities: Answer };

/** STARTTLS; what stands between and hides it has a name of its own. */
async function upgrade(service: Service, clear: Clear, tools: MailboxTools): Promise<Upgraded> {
  const { dialog, greeting, capabilities, address } = clear;
  const tell = tellOf(service, tools);
  const offers = capabilities.kind === 'answer' ? capabilities.lines.join('\n') : '';
  const greeted = greeting.kind === 'answer' ? greeting.lines.join('\n') : '';
  const isRewritten = rewritten.test(greeted) || rewritten.test(offers);
  const speech = speeches[service.protocol];
  if (!speech.startTls.test(offers)) {
    const seen = `${greeted}\n${offers}`;
    return { usable: false, findings: [tell(isRewritten ? 'banner-rewritten' : 'starttls-missing', seen)] };
  }
  const answer = await speech.upgrade(dialog);
  if (answer.kind !== 'answer' || !answer.ok)
    return { usable: false, findings: [tell('starttls-refused', lastOf(answer))] };
  const tls = await judgeTls(service, dialog, { tools, address });
  const seen = isRewritten ? [tell('banner-rewritten', greeted)] : [];
  return { usable: tls.usable, findings: tls.usable ? [...seen, ...tls.findings] : tls.findings };
}

// Cisco's SMTP fixup stars out the greeting and overwrites extensions it does not know with X.
const rewritten = /\*{6,}|^250[ -]X{6,}/m;
