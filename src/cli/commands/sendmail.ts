import { AppError } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { LocalAnswer } from '../ports.ts';
import { readSendmailOptions } from '../sendmail-options.ts';

// sysexits.h: what programs that call sendmail know.
const exitCodes = {
  ok: 0,
  usage: 64,
  dataErr: 65,
  unavailable: 69,
  tempFail: 75,
  noPerm: 77,
  config: 78,
} as const;

// Somebody pipes a disk image into it: ended before memory is. The limit that counts is the configuration's.
const mostInputOctets = 160_000_000;

/** `todoku sendmail`: what /usr/sbin/sendmail is to programs. */
export const sendmail: Command = {
  name: 'sendmail',
  summary: {
    ja: '標準入力のメールを送る（/usr/sbin/sendmail の代わり。PHP の mail() などから）',
    en: 'send the mail on standard input, as /usr/sbin/sendmail does (PHP mail(), cron, …)',
  },
  rawArguments: true,
  arguments: [
    {
      name: 'option',
      optional: true,
      variadic: true,
      doc: {
        ja: '-t（宛先をヘッダーから）、-i、-f アドレス、-F 名前、-N/-R/-V（DSN）、-bs、宛先…',
        en: '-t (recipients from the header), -i, -f address, -F name, -N/-R/-V (DSN), -bs, recipients …',
      },
    },
  ],
  examples: [
    {
      line: 'sendmail_path = "todoku --config /etc/todoku.yaml --data /var/lib/todoku sendmail -t -i"',
      doc: { ja: 'php.ini', en: 'in php.ini' },
    },
    {
      line: 'TODOKU_SMTP_URL=smtps://mail.example.jp TODOKU_TOKEN=tdk_… todoku sendmail -t < mail.eml',
      doc: { ja: '別のマシンの Todoku に渡す', en: 'hand it to a Todoku on another machine' },
    },
  ],
  run: async (context, input) => {
    try {
      return await run(context, input.argumentsFrom(0));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      context.output.note(error.line(context.language));
      // A store that is taken or full passes; a configuration that is wrong does not.
      return error.code.startsWith('storage-') ? exitCodes.tempFail : exitCodes.config;
    }
  },
};

async function run(context: CommandContext, words: readonly string[]): Promise<number> {
  const reading = readSendmailOptions(words);
  if (!reading.ok) {
    context.output.note(
      context.say({
        ja: `sendmail: ${reading.word} は使えません（-t -i -f -F -N -R -V -bs と宛先）`,
        en: `sendmail: ${reading.word} cannot be used (-t -i -f -F -N -R -V -bs and recipients)`,
      }),
    );
    return exitCodes.usage;
  }
  const { options } = reading;
  if (options.mode === 'nothing') return exitCodes.ok;
  return await context.withProduct(async (product) => {
    if (options.mode === 'smtp') {
      const isServed = await product.submissionSession(context.stdin, context.output.stdout);
      return isServed ? exitCodes.ok : tell(context, { kind: 'unreachable' });
    }
    const bytes = await readAll(context.stdin);
    if (bytes === null)
      return tell(context, { kind: 'refused', code: 552, text: '5.3.4 Message too large', at: 'data' });
    const { TODOKU_SMTP_URL: url = '', TODOKU_TOKEN: token = null } = context.environment;
    const answer = await product.handOver({
      options,
      input: bytes,
      url: url === '' ? null : { url, token },
    });
    return tell(context, answer);
  });
}

function tell(context: CommandContext, answer: LocalAnswer): number {
  const { output, say } = context;
  switch (answer.kind) {
    case 'accepted':
      return exitCodes.ok;
    case 'no-recipients':
      output.note(
        say({
          ja: 'sendmail: 宛先がありません（-t で To・Cc・Bcc から読むか、宛先を並べます）',
          en: 'sendmail: no recipients: name them, or read them from To, Cc and Bcc with -t',
        }),
      );
      return exitCodes.usage;
    case 'unreachable':
      output.note(
        say({
          ja: 'sendmail: Todoku に接続できません（後でもう一度）',
          en: 'sendmail: no Todoku answers, try again later',
        }),
      );
      return exitCodes.tempFail;
    case 'refused':
      output.note(`sendmail: ${answer.code} ${answer.text}`);
      return exitCodeOf(answer);
  }
}

function exitCodeOf({ code, text }: Extract<LocalAnswer, { kind: 'refused' }>): number {
  if (code < 500) return exitCodes.tempFail;
  // RFC 3463 §3.8: X.7.Y, security and policy.
  return text.startsWith('5.7.') || code === 530 || code === 535 ? exitCodes.noPerm : exitCodes.dataErr;
}

/** null: more than anybody's mail. */
async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    octets += bytes.length;
    if (octets > mostInputOctets) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
