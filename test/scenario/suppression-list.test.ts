import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { people, workshop } from '../support/refusal.ts';

test('a list from another system is taken over, and nobody on it gets a mail', async () => {
  const shop = await workshop();
  const list = [
    'メールアドレス,reason,note',
    'TARO@example.jp,complained,苦情',
    'hanako@example.jp,,',
    'hanako@example.jp,,',
    'no-address,,',
    '',
  ].join('\n');
  const file = shop.file('old.csv', list);
  const first = await shop.run(['suppression', 'import', file]);
  expect(first).toMatchObject({ exitCode: 1, stderr: '' }); // one row was no address
  expect(JSON.parse(first.stdout)).toEqual({ added: 2, known: 0, rejected: 1, duplicates: 1 });
  const again = await shop.run(['suppression', 'import', file]);
  expect(JSON.parse(again.stdout)).toEqual({ added: 0, known: 2, rejected: 1, duplicates: 1 });

  const sent: unknown = JSON.parse((await shop.run(shop.send())).stdout);
  expect(sent).toMatchObject({ accepted: people.length, suppressed: 2, delivered: 1 });
  expect([...shop.arrivals.byRecipient.keys()]).toEqual(['jiro@example.jp']);
});

test('what is exported can be imported elsewhere, with reasons, times and notes', async () => {
  const [here, there] = [await workshop(), await workshop()];
  const add = [
    'suppression',
    'add',
    'a@example.jp',
    '=b@example.jp',
    '--reason',
    'unsubscribed',
    '--note',
    '=1+1',
  ];
  expect(await here.run(add)).toMatchObject({ exitCode: 0 });
  const file = here.path('list.out.csv');
  const exported = await here.run(['suppression', 'export', file]);
  expect(JSON.parse(exported.stdout)).toEqual({ file, written: 2 });
  expect(readFileSync(file, 'utf8')).toMatch(
    /^\uFEFFemail,reason,at,source,note,scope,list,until,verdict\r\n/,
  );
  expect(await there.run(['suppression', 'import', file])).toMatchObject({ exitCode: 0 });
  const [list, copy] = [await here.run(['suppression', 'list']), await there.run(['suppression', 'list'])];
  expect(list.stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(copy.stdout).toBe(list.stdout);
});

test('an export that cannot be written leaves nothing behind', async () => {
  const shop = await workshop();
  expect(await shop.run(['suppression', 'add', 'a@example.jp'])).toMatchObject({ exitCode: 0 });
  const before = readdirSync(shop.folder);
  const failed = await shop.run(['suppression', 'export', shop.path('none/list.csv'), '--lang', 'en']);
  expect(failed).toMatchObject({ exitCode: 2, stdout: '' });
  expect(failed.stderr).toMatch(
    /^todoku: cannot write \S+none\/list\.csv: its folder does not exist — [^\n]+\n$/,
  );
  expect(readdirSync(shop.folder)).toEqual(before);
});
