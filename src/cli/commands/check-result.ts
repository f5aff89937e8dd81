import { AppError } from '../../base/index.ts';
import { showCheck } from '../check-answer.ts';
import type { Command } from '../command.ts';
import { tellScore } from '../message-score.ts';

/** `todoku check result`: what was found in the mail to a diagnosis address. */
export const checkResult: Command = {
  name: 'check result',
  summary: {
    ja: '診断用アドレスに届いたメールの結果を見る',
    en: 'see what was found in the mail to a diagnosis address',
  },
  arguments: [
    { name: 'id', doc: { ja: 'todoku check inbox が示した ID', en: 'the id that todoku check inbox gave' } },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const id = (input.argument(0) ?? '').replace(/^check-/, '').replace(/@.*$/, '');
      const answer = product.diagnosisResult(id);
      if (answer === null) throw nothingYet();
      const code = showCheck(context, answer);
      if (!context.json) tellScore(context, answer.score);
      return Promise.resolve(code);
    }),
};

function nothingYet(): AppError {
  return new AppError({
    code: 'diagnosis-no-result',
    message: {
      ja: 'その ID の結果はありません（まだ届いていないか、7 日を過ぎています）',
      en: 'there is no result of that id: nothing came yet, or more than 7 days ago',
    },
    hint: {
      ja: 'メールを送り、todoku serve が動いているか確かめてください',
      en: 'send a mail to the address, and see that todoku serve runs',
    },
  });
}
