/** What a mail program talks to. */
export type Protocol = 'imap' | 'pop' | 'smtp';

/** RFC 8314 §3: TLS from the first octet, or after STARTTLS/STLS. Passwords never go over anything else. */
export type TlsMode = 'implicit' | 'starttls';

/** Where a setting came from: given on the command line, knowledge, SRV records, the domain's own file, or the usual names. */
export type ServiceOrigin = 'given' | 'provider' | 'srv' | 'autoconfig' | 'guess';

/** One server of a mailbox. */
export type Service = {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  readonly origin: ServiceOrigin;
};

/** How people sign in there: with the whole address, with what stands before the @, or with another name. */
export type UserForm = 'address' | 'local-part' | 'own';

/** `ended`: only sign-in through a browser (OAuth) is left. `app`: a password made for mail programs. */
export type PasswordPolicy = 'plain' | 'ended' | 'app';

export type MailboxServices = {
  readonly services: readonly Service[];
  readonly user: UserForm;
  readonly password: PasswordPolicy;
  /** Of knowledge/mailbox/services.yaml; null: not one of those. */
  readonly provider: string | null;
};

// RFC 8314 §7.3, RFC 3501 §2.1, RFC 1939 §3, RFC 6409 §3.1.
const implicitPorts: { readonly [Each in Protocol]: number } = { imap: 993, pop: 995, smtp: 465 };

export function isProtocol(text: string): text is Protocol {
  return text === 'imap' || text === 'pop' || text === 'smtp';
}

export function usualPort(protocol: Protocol): number {
  return implicitPorts[protocol];
}

/** What a port is for when nobody says. */
export function usualTls(port: number): TlsMode {
  return Object.values(implicitPorts).includes(port) ? 'implicit' : 'starttls';
}

/** `imap.example.jp:993`, with the brackets an IPv6 address needs. */
export function placeOf(service: { readonly host: string; readonly port: number }): string {
  const host = service.host.includes(':') ? `[${service.host}]` : service.host;
  return `${host}:${service.port}`;
}

/** The name to sign in with. */
export function userOf(address: string, form: UserForm): string {
  return form === 'local-part' ? address.slice(0, address.lastIndexOf('@')) : address;
}
