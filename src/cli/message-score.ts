import type { MessageScore } from '../deliverability/index.ts';
import type { CommandContext } from './command.ts';

/** The points of a message, and which finding costs how much. */
export function tellScore({ output, say }: CommandContext, { points, of, lost }: MessageScore): void {
  output.print('');
  output.print(say({ ja: `点数 ${points} / ${of}`, en: `score ${points} / ${of}` }));
  for (const { points: cost, title } of lost) output.print(`  −${cost.toFixed(1)}  ${say(title)}`);
}
