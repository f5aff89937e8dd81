import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { measure } from '../measure.ts';
import { treeCpuSeconds } from '../process-tree.ts';
import { startServing } from '../serving.ts';
import { limitMs } from './contender.ts';
import type { Contender } from './contender.ts';

const program = '/usr/sbin/smtp-source';

/** `todoku serve` fed as Postfix is: the clock stops when the last message is at the sink. */
function relay(name: string, signed: boolean): Contender {
  return {
    name,
    about: `smtp-source → submission of \`todoku serve\`${signed ? ' with DKIM (RSA-2048)' : ''} → the sink: on the disk before its 250; until the last message is at the sink`,
    missing: () => (existsSync(program) ? null : 'smtp-source is missing: apt-get install postfix'),
    delivers: true,
    async run(task) {
      const folder = join(task.folder, 'serve');
      const keyFile = signed ? task.keyFile : null;
      const serving = await startServing({ folder, keyFile, port: task.port });
      try {
        const cpuBefore = treeCpuSeconds(serving.pid);
        const startedMs = performance.now();
        const counts = ['-d', '-N', '-s', '20', '-m', String(task.count), '-l', String(task.load.octets)];
        // The socket for programs of the machine: smtp-source cannot log in.
        const envelope = ['-f', 'news@example.com', '-t', 'user@example.jp', `unix:${serving.socket}`];
        await measure([program, ...counts, ...envelope], { cwd: task.folder, limitMs });
        await task.complete;
        const seconds = (performance.now() - startedMs) / 1000;
        return { messages: task.count, seconds, cpuSeconds: treeCpuSeconds(serving.pid) - cpuBefore };
      } finally {
        await serving.stop();
      }
    },
  };
}

export const todokuRelay = relay('todoku relay', true);
export const todokuRelayUnsigned = relay('todoku relay unsigned', false);
