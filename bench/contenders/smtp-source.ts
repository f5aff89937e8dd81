import { existsSync } from 'node:fs';
import { measure } from '../measure.ts';
import { limitMs } from './contender.ts';
import type { Contender } from './contender.ts';

const program = '/usr/sbin/smtp-source';

export const smtpSource: Contender = {
  name: 'smtp-source',
  about:
    'Postfix’s load generator straight to the sink, 20 sessions: no template, no signature, nothing stored',
  missing: () => (existsSync(program) ? null : 'smtp-source is missing: apt-get install postfix'),
  delivers: true,
  async run(task) {
    // -d: keep sessions open over many messages; -N: a different recipient each, as a campaign has.
    const counts = ['-d', '-N', '-s', '20', '-m', String(task.count), '-l', String(task.load.octets)];
    const envelope = ['-f', 'news@example.com', '-t', 'user@example.jp', `inet:127.0.0.1:${task.port}`];
    const measured = await measure([program, ...counts, ...envelope], { cwd: task.folder, limitMs });
    return { messages: task.count, seconds: measured.seconds, cpuSeconds: measured.cpuSeconds };
  },
};
