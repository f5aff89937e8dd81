import { Webhook as Verifier } from 'standardwebhooks';
import { expect, test, vi } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { senderDomain } from '../support/campaign-folder.ts';
import { startServed } from '../support/served.ts';
import { runTodoku } from '../support/todoku-run.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const everything = ['messages:send', 'messages:read', 'events', 'webhooks'].flatMap((scope) => [
  '--scope',
  scope,
]);

test('an application hears of its mail from a running Todoku: by webhook, by page and by stream', async () => {
  const receiver = await startWebhookReceiver();
  const served = await startServed({ webhooks: { allowPrivate: ['127.0.0.1'] } });
  const token = await served.key('shop', ...everything);
  const client = createClient({ baseUrl: served.url, token });
  const made = (await client.webhooks.create({ url: receiver.url })) as unknown as {
    readonly id: string;
    readonly secret: string;
  }; // as the OpenAPI document has it
  const stream = await fetch(`${served.url}/v1/events/stream`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const mail = {
    from: `shop@${senderDomain}`,
    to: ['taro@d.example', 'jiro@d.example'],
    subject: 'hello',
    text: 'hi',
  };
  const { id } = await client.messages.create({ ...mail, tags: ['order'], metadata: { order: '4711' } });

  await vi.waitFor(() => expect(receiver.posts).toHaveLength(4), { timeout: 30_000 });
  const verifier = new Verifier(made.secret);
  const documents = receiver.posts.map(({ body, headers }) =>
    verifier.verify(body, headers as Record<string, string>),
  );
  for (const number of [1, 2]) {
    const own = documents.filter((each) => JSON.stringify(each).includes(`"${id}.${number}"`));
    expect(own).toMatchObject([
      {
        type: 'message.accepted',
        data: { mail: id, campaign: null, domain: senderDomain, subject: 'hello' },
      },
      { type: 'message.delivered', data: { tags: ['order'], metadata: { order: '4711' } } },
    ]);
  }
  const page = await fetch(`${served.url}/v1/events`, { headers: { authorization: `Bearer ${token}` } });
  const { data } = (await page.json()) as {
    readonly data: readonly { readonly data: { readonly event: string } }[];
  };
  const ids = data.map((each) => each.data.event).toSorted();
  expect(ids).toEqual(receiver.posts.map((post) => post.id).toSorted());
  const reader = stream.body?.getReader();
  let text = '';
  while ((text.match(/^event: /gm) ?? []).length < 4) {
    const chunk = await reader?.read();
    text += Buffer.from(chunk?.value ?? []).toString();
  }
  const streamed = [...text.matchAll(/^id: (\S+)\nevent: /gm)].map((match) => match[1]);
  expect(new Set(streamed)).toEqual(new Set(ids));

  // Commands are handed over to the process that serves.
  const listed = await runTodoku(served.folder, ['webhook', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ id: made.id, waiting: 0, dead: 0 }]);
  expect(await runTodoku(served.folder, ['webhook', 'replay', made.id, '--since', '1d'])).toMatchObject({
    code: 0,
  });
  await vi.waitFor(() => expect(receiver.posts).toHaveLength(8), { timeout: 30_000 });
  expect(await runTodoku(served.folder, ['webhook', 'remove', made.id])).toMatchObject({ code: 0 });

  // An open stream does not keep it from ending.
  served.run.kill('SIGTERM');
  expect((await served.run.end).code).toBe(0);
});

test('mail of a key in test mode is told as captured', async () => {
  const receiver = await startWebhookReceiver();
  const served = await startServed({ webhooks: { allowPrivate: ['127.0.0.1'] } });
  const token = await served.key('trial', ...everything, '--sandbox');
  const client = createClient({ baseUrl: served.url, token });
  await client.webhooks.create({ url: receiver.url });
  await client.messages.create({
    from: `shop@${senderDomain}`,
    to: 'taro@d.example',
    subject: 's',
    text: 't',
  });
  await vi.waitFor(() => expect(receiver.posts).toHaveLength(2), { timeout: 30_000 });
  expect(receiver.posts.map(({ type }) => type)).toEqual(['message.accepted', 'message.captured']);
});
