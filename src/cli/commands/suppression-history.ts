import type { SuppressionRecord } from '../../contacts/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { targetText } from '../suppression-target.ts';

/** `todoku suppression history`: everything that ever kept mail from an address, and how it ended. */
export const suppressionHistory: Command = {
  name: 'suppression history',
  summary: {
    ja: 'アドレスの送信停止と解除の記録をすべて見る',
    en: 'show every suppression of an address and how it ended',
  },
  arguments: [{ name: 'address', doc: { ja: 'アドレスかドメイン', en: 'address or domain' } }],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const address = input.argument(0) ?? '';
      const records = product.suppressions().history(address);
      if (context.json) context.output.printJson({ address, history: records.map(plain) });
      else if (records.length === 0)
        context.output.print(
          context.say({
            ja: `${address} に送信停止の記録はありません`,
            en: `${address} was never suppressed`,
          }),
        );
      else for (const record of records) tell(context, record);
      return Promise.resolve(0);
    }),
};

function plain({ atMs, untilMs, ended, ...rest }: SuppressionRecord): unknown {
  const end =
    ended === null
      ? null
      : { at: iso(ended.atMs), by: ended.by, because: ended.because, source: ended.source };
  return { at: iso(atMs), until: untilMs === null ? null : iso(untilMs), ...rest, ended: end };
}

function tell({ output, say }: CommandContext, record: SuppressionRecord): void {
  const { atMs, reason, verdict, source, note, untilMs, ended, evidence } = record;
  const why = verdict === null ? reason : `${reason} / ${verdict}`;
  const proof = evidence === null ? source : `${source}, ${evidence}`;
  const until =
    untilMs === null ? '' : say({ ja: `、${local(untilMs)} まで`, en: `, until ${local(untilMs)}` });
  const line = `${local(atMs)}  ${targetText(record)}  ${why} (${proof}${until})`;
  output.print(oneLine(line));
  if (note !== '') output.print(`    > ${oneLine(note)}`);
  if (ended === null) return;
  const ends = {
    lapsed: { ja: '期間が終わりました', en: 'its time was over' },
    replaced: { ja: '新しい理由に替わりました', en: 'a stronger reason took its place' },
    lifted: {
      ja: `解除（${ended.source}）: ${ended.because}`,
      en: `lifted by ${ended.source}: ${ended.because}`,
    },
  } as const;
  output.print(oneLine(`    ${local(ended.atMs)}  ${say(ends[ended.by])}`));
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function local(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE');
}
