import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../measure.ts';
import { postfixMissing, startPostfix } from '../postfix-instance.ts';
import type { PostfixInstance } from '../postfix-instance.ts';
import { treeCpuSeconds } from '../process-tree.ts';
import { limitMs } from './contender.ts';
import type { Contender, Result, Task } from './contender.ts';

/** Postfix fed by smtp-source: the clock stops when the last message is at the sink. */
function postfix(name: string, signed: boolean): Contender {
  return {
    name,
    about: `smtp-source → Postfix${signed ? ' + OpenDKIM (RSA-2048)' : ''} → the sink: queued durably; until the last message is at the sink`,
    missing: () => postfixMissing(signed),
    delivers: true,
    async run(task) {
      const folder = join(task.folder, 'postfix');
      mkdirSync(folder);
      // Postfix drops its rights: the way to its folders has to be open.
      chmodSync(task.folder, 0o755);
      const instance = await startPostfix({
        folder,
        relayPort: task.port,
        keyFile: signed ? task.keyFile : null,
      });
      try {
        return await feed(instance, task);
      } finally {
        instance.stop();
      }
    },
  };
}

async function feed(instance: PostfixInstance, task: Task): Promise<Result> {
  const cpu = (): number => instance.pids.reduce((sum, pid) => sum + treeCpuSeconds(pid), 0);
  const cpuBefore = cpu();
  const startedMs = performance.now();
  const counts = ['-d', '-N', '-s', '20', '-m', String(task.count), '-l', String(task.load.octets)];
  const envelope = ['-f', 'news@example.com', '-t', 'user@example.jp', `inet:127.0.0.1:${instance.port}`];
  await measure(['/usr/sbin/smtp-source', ...counts, ...envelope], { cwd: task.folder, limitMs });
  await task.complete;
  const seconds = (performance.now() - startedMs) / 1000;
  return { messages: task.count, seconds, cpuSeconds: cpu() - cpuBefore };
}

export const postfixPlain = postfix('postfix', false);
export const postfixSigned = postfix('postfix+opendkim', true);
