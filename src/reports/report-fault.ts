import type { Bilingual } from '../base/index.ts';

/** Why something could not be read as a report. */
export type ReportFault =
  | 'too-large'
  | 'bomb'
  | 'broken-archive'
  | 'encrypted-archive'
  | 'too-deep'
  | 'entities'
  | 'no-report'
  | 'broken-json'
  | 'empty';

/** What happened and what to do, one line each language. */
export const faultTexts: { readonly [Fault in ReportFault]: Bilingual } = {
  'too-large': {
    ja: '大きすぎるため読みません。送信元に分割を依頼してください',
    en: 'too large to be read; ask its sender to split it',
  },
  bomb: {
    ja: '展開すると異常に大きくなるため読みません（圧縮爆弾の疑い）',
    en: 'refused: it unpacks to far more than a report holds (an archive bomb?)',
  },
  'broken-archive': {
    ja: '圧縮ファイルが壊れています。送信元から受け取り直してください',
    en: 'the archive is damaged; get the report once more',
  },
  'encrypted-archive': {
    ja: 'パスワード付きの zip は読めません。展開してから渡してください',
    en: 'the zip has a password; unpack it and give what was in it',
  },
  'too-deep': {
    ja: '入れ子が深すぎるため読みません',
    en: 'refused: nested deeper than any report is',
  },
  entities: {
    ja: 'XML の実体宣言があるため読みません（レポートにはないものです）',
    en: 'refused: the XML declares entities, which no report does',
  },
  'no-report': {
    ja: 'DMARC・TLS・迷惑メール報告のいずれも見つかりません。ファイルを確かめてください',
    en: 'no DMARC, TLS or complaint report is in it; check the file',
  },
  'broken-json': {
    ja: 'JSON が壊れています。送信元から受け取り直してください',
    en: 'the JSON is damaged; get the report once more',
  },
  empty: { ja: '空のファイルです', en: 'it is empty' },
};
