import { AppError } from '../base/index.ts';
import { undefinedVariables } from '../compose/index.ts';
import type { CompiledContent } from '../compose/index.ts';
import type { BatchCheck, SourcedRecipient } from './prepare.ts';

/**
 * Finds the first recipient whose message cannot be made, before anything is stored for good. Normally only the first
 * recipient is tried, as all share their columns, and whoever has control characters in a value; when a template uses a variable that no column has, everyone is,
 * since it may stand in a branch that few reach.
 */
export function contentCheck(content: CompiledContent, nowMs: number): BatchCheck {
  let tryAll = false;
  let isFirstBatch = true;
  return (batch) => {
    const [first] = batch;
    if (first === undefined) return;
    if (isFirstBatch) {
      tryAll = undefinedVariables(content, Object.keys(first.variables)).length > 0;
      check(content, first, nowMs);
      isFirstBatch = false;
    }
    for (const recipient of batch) {
      if (tryAll || hasControls(recipient)) check(content, recipient, nowMs);
    }
  };
}

// A line break in a cell is fine in a body and an attempt at header injection in a subject: the rendering tells.
const controls = /\p{Cc}/u;

function hasControls(recipient: SourcedRecipient): boolean {
  return Object.values(recipient.variables).some((value) => controls.test(value));
}

function check(content: CompiledContent, recipient: SourcedRecipient, nowMs: number): void {
  const failure = content.tryRender(recipient, nowMs);
  if (failure === null) return;
  const text = failure.text ?? { ja: failure.failure, en: failure.failure };
  const { address, line } = recipient;
  throw new AppError({
    code: 'content-fails-for-recipient',
    message: {
      ja: `${text.ja}（最初の該当者: ${address}、CSV の ${line} 行目）`,
      en: `${text.en}; first for ${address}, line ${line} of the CSV`,
    },
    hint:
      failure.variable === undefined
        ? {
            ja: 'テンプレートかその行の値を直してください',
            en: 'mend the template or the values of that line',
          }
        : {
            ja: `CSV に列「${failure.variable}」を加えるか、--default ${failure.variable}=値 で既定値を与えてください`,
            en: `add a column “${failure.variable}” to the CSV, or give a value for everybody with --default ${failure.variable}=VALUE`,
          },
  });
}
