import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Liquid } from 'liquidjs';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { compileMjml } from '../../src/mjml/index.ts';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { runTodoku, sendResult } from '../support/todoku-run.ts';

const mjml = `{% assign shop = "届く商店" %}
<mjml>
  <mj-head>
    <mj-title>{{ shop }}</mj-title>
    <mj-preview>{{ name }}様だけのお知らせ</mj-preview>
    <mj-attributes><mj-all font-family="sans-serif" /></mj-attributes>
  </mj-head>
  <mj-body>
    {% if vip == "yes" %}
    <mj-section background-color="{{ color }}">
      <mj-column><mj-text>{{ name }}様、特別会員の特典です。</mj-text></mj-column>
    </mj-section>
    {% else %}
    <mj-section><mj-column><mj-text>{{ name }}様、いつもありがとうございます。</mj-text></mj-column></mj-section>
    {% endif %}
    {% assign list = goods | split: "/" %}
    <mj-section>
      {% for item in list %}
      <mj-column width="50%">
        <mj-text>No. {{ forloop.index }} {{ item }}</mj-text>
        <mj-button href="https://shop.example/?q={{ item | url_encode }}&amp;n={{ forloop.index }}">見る</mj-button>
      </mj-column>
      {% endfor %}
    </mj-section>
    <mj-section><mj-column><mj-text><a href="{{ unsubscribe_url }}">配信停止</a></mj-text></mj-column></mj-section>
  </mj-body>
</mjml>
`;

const rows = [
  { email: 'hanako@a.example', name: '花子 & 母', vip: 'yes', color: '#ffeedd', goods: '茶/米/<塩>' },
  { email: 'taro@b.example', name: '太郎', vip: '', color: '', goods: '酒' },
  { email: 'jiro@c.example', name: '次郎', vip: 'no', color: '#000000', goods: '' },
];

test('an MJML campaign arrives as the HTML that MJML and liquidjs make of it', async () => {
  const mails = new Map<string, Buffer>();
  const { sink } = await startArrivalSink(({ recipients, content }) => {
    mails.set(recipients[0] ?? '', content ?? Buffer.alloc(0));
  });
  const { folder, send } = campaignFolder({ port: sink.port, addresses: [] });
  writeFileSync(join(folder, 'news.mjml'), mjml);
  const columns = ['email', 'name', 'vip', 'color', 'goods'] as const;
  const lines = rows.map((row) => columns.map((column) => row[column]).join(','));
  writeFileSync(join(folder, 'list.csv'), [columns.join(','), ...lines, ''].join('\n'));
  // MJML would load this from the folder that one works in.
  writeFileSync(join(folder, '.mjmlconfig'), JSON.stringify({ packages: ['./planted.cjs'] }));
  writeFileSync(join(folder, 'planted.cjs'), "require('node:fs').writeFileSync('planted', '');");

  const end = await runTodoku(
    folder,
    send.map((word) => (word === 'news.html' ? 'news.mjml' : word)),
  );
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(sendResult(end)).toMatchObject({ accepted: rows.length, delivered: rows.length });
  expect(existsSync(join(folder, 'planted'))).toBe(false);

  const { html } = await compileMjml('news.mjml', readFileSync(join(folder, 'news.mjml'), 'utf8'));
  const liquid = new Liquid({ outputEscape: 'escape' });
  for (const row of rows) {
    const mail = await simpleParser(mails.get(row.email) ?? '');
    const sent = typeof mail.html === 'string' ? mail.html : '';
    const own = /<a href="([^"]+)">配信停止/.exec(sent)?.[1]?.replaceAll('&amp;', '&');
    expect(own).toMatch(/^(?:https|mailto)/);
    const values = { ...row, unsubscribe_url: own };
    expect(sent.trim()).toBe(String(await liquid.parseAndRender(html, values)).trim());
  }
});

test('the text part of an MJML mail is what one reads, and no more', async () => {
  const mails: Buffer[] = [];
  const { sink } = await startArrivalSink(({ content }) => void mails.push(content ?? Buffer.alloc(0)));
  const { folder, send } = campaignFolder({ port: sink.port, addresses: [] });
  writeFileSync(join(folder, 'news.html'), 'unused');
  writeFileSync(join(folder, 'NEWS.MJML'), mjml);
  writeFileSync(
    join(folder, 'list.csv'),
    'email,name,vip,color,goods\nhanako@a.example,花子,yes,red,茶/米\n',
  );
  const end = await runTodoku(
    folder,
    send.map((word) => (word === 'news.html' ? 'NEWS.MJML' : word)),
  );
  expect(end).toMatchObject({ code: 0 });
  const { text = '' } = await simpleParser(mails[0] ?? '');
  const link = /配信停止 \[(.*)\]/.exec(text)?.[1] ?? '';
  expect(link).not.toBe('');
  expect(text.replace(link, 'LINK').trim().split(/\n+/)).toEqual([
    '花子様、特別会員の特典です。',
    'No. 1 茶',
    '見る [https://shop.example/?q=%E8%8C%B6&n=1]',
    'No. 2 米',
    '見る [https://shop.example/?q=%E7%B1%B3&n=2]',
    '配信停止 [LINK]',
  ]);
});
