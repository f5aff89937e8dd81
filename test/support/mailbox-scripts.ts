import type { Reply } from './scripted-server.ts';

type Talk = () => (line: string) => Reply;

/** A mail that was sent to the mailbox while it was looked at. */
export type Post = { mail: string | null };

export type ScriptedFolder = {
  readonly path: string;
  readonly flags?: string;
  readonly messages: number;
  readonly size?: number;
  /** UIDs of mail of the sender asked for. */
  readonly from?: readonly number[];
  readonly deleted?: readonly number[];
  /** Where new mail goes. */
  readonly receives?: true;
};

export type ImapScript = {
  readonly login?: string;
  readonly quota?: string;
  readonly folders?: readonly ScriptedFolder[];
  readonly post?: Post;
  /** How often one looks before it is there. */
  readonly looks?: number;
  /** Says nothing to that command. */
  readonly mute?: string;
  /** Hangs up there. */
  readonly cutAt?: string;
  readonly date?: string;
};

const inbox: ScriptedFolder = { path: 'INBOX', messages: 3, size: 9_000, receives: true };

/** As much of IMAP4rev1 as the check uses. */
export function imapTalk(script: ImapScript = {}): Talk {
  const folders = script.folders ?? [inbox];
  let looks = 0;
  return () => {
    let selected = folders[0]!;
    return (line) => {
      const [tag = '', first = '', second = ''] = line.split(' ');
      const command = first.toUpperCase() === 'UID' ? `UID ${second.toUpperCase()}` : first.toUpperCase();
      if (command === script.mute) return null;
      if (command === script.cutAt) return { text: '', next: 'end' };
      const path = /^"?([^" ]*)/.exec(line.slice(tag.length + first.length + 2))?.[1];
      const named = folders.find((folder) => folder.path === path) ?? selected;
      const ok = (...lines: readonly string[]): string => [...lines, `${tag} OK done`].join('\n');
      switch (command) {
        case 'CAPABILITY':
          return ok('* CAPABILITY IMAP4rev1 STARTTLS QUOTA UIDPLUS STATUS=SIZE');
        case 'STARTTLS':
          return { text: ok(), next: 'starttls' };
        case 'LOGIN':
          return script.login === undefined ? ok() : `${tag} ${script.login}`;
        case 'LIST':
          // RFC 9051 §6.3.9: asks for the separator.
          if (line.endsWith('""')) return ok('* LIST (\\Noselect) "/" ""');
          return ok(...folders.map((folder) => `* LIST (${folder.flags ?? ''}) "/" "${folder.path}"`));
        case 'STATUS':
          return ok(`* STATUS "${named.path}" (MESSAGES ${named.messages} SIZE ${named.size ?? 0})`);
        case 'GETQUOTAROOT':
          return ok('* QUOTAROOT INBOX root', `* QUOTA root (${script.quota ?? 'STORAGE 10 1000'})`);
        case 'SELECT':
        case 'EXAMINE':
          selected = named;
          return ok(
            `* ${selected.messages} EXISTS`,
            '* FLAGS (\\Deleted)',
            '* OK [UIDVALIDITY 1] x',
            '* OK [UIDNEXT 99] x',
          );
        case 'UID SEARCH':
          if (/x-todoku/i.test(line) && (looks += 1) <= (script.looks ?? 0)) return ok('* SEARCH');
          return ok(`* SEARCH ${searched(line, selected, script).join(' ')}`);
        case 'UID FETCH':
          return ok(fetched(line, script));
        default:
          return ok();
      }
    };
  };
}

function searched(line: string, folder: ScriptedFolder, { post }: ImapScript): readonly number[] {
  if (/x-todoku-round-trip/i.test(line))
    return folder.receives === true && typeof post?.mail === 'string' ? [98] : [];
  return (/\bDELETED\b/.test(line) ? folder.deleted : folder.from) ?? [];
}

function fetched(line: string, { post, date }: ImapScript): string {
  const uid = /FETCH (\d+)/.exec(line)?.[1] ?? '1';
  const when = date ?? imapDate(Date.now());
  const mail = post?.mail ?? '';
  // Sent with CRLF.
  const octets = mail.replaceAll('\n', '\r\n').length;
  const header = /HEADER/.test(line) ? ` BODY[HEADER] {${octets}}\n${mail}` : '';
  return `* 1 FETCH (UID ${uid} INTERNALDATE "${when}"${header})`;
}

/** `02-Jan-2026 00:00:00 +0000` (RFC 9051 §9). */
export function imapDate(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${day}-${month}-${year} ${time} +0000`;
}

export type PopScript = { readonly pass?: string; readonly stat?: string; readonly post?: Post };

/** As much of POP3 as the check uses. */
export function popTalk(script: PopScript = {}): Talk {
  return () => (line) => {
    switch (line.split(' ')[0]) {
      case 'CAPA':
        return '+OK\nSTLS\nTOP\nUIDL\n.';
      case 'STLS':
        return { text: '+OK', next: 'starttls' };
      case 'PASS':
        return script.pass ?? '+OK';
      case 'STAT':
        return `+OK ${script.stat ?? (typeof script.post?.mail === 'string' ? '1 500' : '0 0')}`;
      case 'TOP':
        return `+OK\n${script.post?.mail ?? 'Date: Mon, 1 Jan 2024 00:00:00 +0000\n'}\n.`;
      case 'QUIT':
        return { text: '+OK', next: 'end' };
      default:
        return '+OK';
    }
  };
}

export type SmtpScript = {
  readonly ehlo?: string;
  readonly auth?: string;
  readonly mail?: string;
  readonly post?: Post;
  /** Header fields that the receiver puts on top. */
  readonly received?: string;
};

/** As much of submission as the check uses. */
export function smtpTalk(script: SmtpScript = {}): Talk {
  return () => {
    let content: string[] | null = null;
    return (line) => {
      if (content !== null && line !== '.') {
        content.push(line);
        return null;
      }
      if (content !== null) {
        const lines: readonly string[] = content;
        if (script.post !== undefined) script.post.mail = `${script.received ?? ''}${lines.join('\n')}\n`;
        content = null;
        return '250 2.0.0 queued';
      }
      switch (line.split(' ')[0]) {
        case 'EHLO':
          return script.ehlo ?? '250-mail.example\n250-STARTTLS\n250 AUTH PLAIN LOGIN';
        case 'STARTTLS':
          return { text: '220 go', next: 'starttls' };
        case 'AUTH':
          return script.auth ?? '235 2.7.0 welcome';
        case 'MAIL':
          return script.mail ?? '250 ok';
        case 'DATA':
          content = [];
          return '354 go';
        default:
          return '250 ok';
      }
    };
  };
}

/** As much of ManageSieve as the check uses, with one script in force. */
export function sieveTalk(script: string): Talk {
  return () => (line) => {
    switch (line.split(' ')[0]) {
      case 'STARTTLS':
        return { text: 'OK', next: 'starttls' };
      case 'LISTSCRIPTS':
        return '"old"\n"my rules" ACTIVE\nOK';
      case 'GETSCRIPT':
        return `{${script.length}}\n${script}\nOK`;
      default:
        return 'OK';
    }
  };
}
