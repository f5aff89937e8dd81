import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { AppError } from '../base/index.ts';
import { connectControl } from './client.ts';
import { openControl } from './server.ts';
import type { ControlActions } from './server.ts';

async function served(actions: ControlActions, folder = temporaryFolder()) {
  const troubles: unknown[] = [];
  const control = await openControl({
    folder,
    version: '1',
    actions,
    onTrouble: (error) => troubles.push(error),
  });
  if (control === null) throw new Error('no control here');
  onTestFinished(() => control.stop());
  const line = await connectControl(folder, '1');
  if (line === null) throw new Error('nobody listens');
  onTestFinished(() => line.close());
  return { folder, control, line, troubles };
}

test('a call is answered, news come before, and calls of a connection follow one another', async () => {
  const order: unknown[] = [];
  const { line } = await served({
    async count(input, session) {
      session.news(1);
      await Promise.resolve();
      session.news({ 'two\n': 'ん' });
      order.push(input);
      return { input };
    },
  });
  const news: unknown[] = [];
  expect(await line.call('count', 'a', (each) => news.push(each))).toEqual({ input: 'a' });
  expect(await line.call('count', 'b')).toEqual({ input: 'b' });
  expect(news).toEqual([1, { 'two\n': 'ん' }]);
  expect(order).toEqual(['a', 'b']);
});

test('an AppError arrives as it was; a fault is told on both sides and ends nothing', async () => {
  const { line, troubles } = await served({
    refuse() {
      throw new AppError({
        code: 'test-refused',
        message: { ja: '不可', en: 'no' },
        hint: { ja: '後で', en: 'later' },
        exitCode: 1,
      });
    },
    fault() {
      throw new TypeError('a bug');
    },
  });
  const refused: unknown = await line.call('refuse', null).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({
    code: 'test-refused',
    text: { ja: '不可' },
    hint: { en: 'later' },
    exitCode: 1,
  });
  await expect(line.call('fault', null)).rejects.toThrow('TypeError: a bug');
  expect(troubles).toHaveLength(1);
  await expect(line.call('constructor', null)).rejects.toMatchObject({ code: 'control-other-version' });
  await expect(line.call('refuse', null)).rejects.toMatchObject({ code: 'test-refused' });
});

test('what a connection began is undone when it ends, newest first, after the call that is under way', async () => {
  const done: string[] = [];
  const { promise: undone, resolve } = Promise.withResolvers<void>();
  const { promise: called, resolve: begun } = Promise.withResolvers<void>();
  const { line } = await served({
    async begin(_, session) {
      session.atEnd(() => {
        done.push('first');
        resolve();
      });
      session.atEnd(() => done.push('second'));
      begun();
      await new Promise<void>((aborted) => session.signal.addEventListener('abort', () => aborted()));
      done.push('call');
    },
  });
  const call = line.call('begin', null);
  await called;
  line.close();
  await expect(call).rejects.toMatchObject({ code: 'control-ended' });
  await undone;
  expect(done).toEqual(['call', 'second', 'first']);
});

test('the socket is its owner’s alone, and those who wait hear that the process ends', async () => {
  const { folder, control, line } = await served({ wait: async () => await new Promise(() => undefined) });
  expect(statSync(join(folder, 'control.sock')).mode & 0o777).toBe(0o600);
  const call = line.call('wait', null);
  const stopped = control.stop();
  await expect(call).rejects.toMatchObject({ code: 'control-ended' });
  await stopped;
  expect(await connectControl(folder, '1')).toBeNull();
});

test('another version is refused, and told which one runs', async () => {
  const { folder } = await served({ any: () => 1 });
  const other = await connectControl(folder, '2');
  onTestFinished(() => other?.close());
  await expect(other?.call('any', null)).rejects.toMatchObject({ code: 'control-other-version' });
});

test('nobody listens: no folder, no socket, or the file of a process that was killed', async () => {
  const folder = temporaryFolder();
  expect(await connectControl(join(folder, 'none'), '1')).toBeNull();
  writeFileSync(join(folder, 'control.sock'), '');
  expect(await connectControl(folder, '1')).toBeNull();
  // The next process takes the place of it.
  const { line } = await served({ any: () => 1 }, folder);
  expect(await line.call('any', null)).toBe(1);
});

test('a folder whose path is too long for a socket works too', async () => {
  const folder = join(temporaryFolder(), 'x'.repeat(90), 'y'.repeat(90));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const { line } = await served({ any: () => 1 }, folder);
  expect(await line.call('any', null)).toBe(1);
});

test('rubbish on the socket is refused, and others are served', async () => {
  const { folder, line } = await served({ any: () => 1 });
  const stranger = createConnection(join(folder, 'control.sock'));
  onTestFinished(() => void stranger.destroy());
  stranger.write('not JSON\n[]\n{"todoku":"1","call":"__proto__"}\n');
  const answers = await new Promise<string>((resolve) => {
    let text = '';
    stranger.on('data', (chunk) => {
      text += chunk.toString();
      if (text.split('\n').length === 4) resolve(text);
    });
  });
  expect(answers.match(/control-other-version/g)).toHaveLength(3);
  expect(await line.call('any', null)).toBe(1);
});
