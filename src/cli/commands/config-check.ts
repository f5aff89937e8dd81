import type { AppError } from '../../base/index.ts';
import type { ConfigReading } from '../../config/index.ts';
import type { Command, CommandContext } from '../command.ts';

/** `todoku config check`: every error and warning, one line each. */
export const configCheck: Command = {
  name: 'config check',
  summary: {
    ja: '設定ファイル・環境変数・DKIM 鍵を検査する',
    en: 'check the configuration file, the environment and the DKIM keys',
  },
  examples: [
    {
      line: 'todoku config check --config /etc/todoku/todoku.yaml',
      doc: { ja: '誤りがあれば行番号と直し方を示します', en: 'names line and remedy of every mistake' },
    },
  ],
  run: async (context) => {
    const reading = context.readConfig();
    if (context.json) context.output.printJson(jsonOf(reading));
    else if (reading.ok) reportGood(context, reading);
    for (const error of reading.ok ? [] : reading.errors) {
      context.output.note(`todoku: ${error.line(context.language)}`);
    }
    return reading.ok ? 0 : 2;
  },
};

type GoodReading = Extract<ConfigReading, { ok: true }>;

function reportGood(context: CommandContext, reading: GoodReading): void {
  const { language, output, say } = context;
  for (const warning of reading.warnings) {
    output.note(say({ ja: `注意: ${warning.ja}`, en: `warning: ${warning.en}` }));
  }
  const set = reading.values.filter((value) => value.origin.kind !== 'default').length;
  const file = reading.file ?? { ja: '設定ファイルなし', en: 'no configuration file' }[language];
  output.print(
    say({
      ja: `設定に誤りはありません（${file}、指定 ${set} 件、注意 ${reading.warnings.length} 件）`,
      en: `the configuration is sound (${file}; ${set} keys set; ${reading.warnings.length} warnings)`,
    }),
  );
}

function jsonOf(reading: ConfigReading): unknown {
  if (reading.ok) return { ok: true, file: reading.file, errors: [], warnings: reading.warnings };
  const errors = reading.errors.map((error: AppError) => ({
    code: error.code,
    ja: error.line('ja'),
    en: error.line('en'),
  }));
  return { ok: false, errors, warnings: [] };
}
