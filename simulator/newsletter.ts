import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The newsletter of the demo: Liquid sources whose variables are the columns of `demoRecipients`. */
export type DemoNewsletter = {
  readonly from: string;
  /** Liquid, one line. */
  readonly subject: string;
  /** Paths of the HTML and the text template. */
  readonly htmlFile: string;
  readonly textFile: string;
};

/** Domain of the demo's shop; it exists only in examples (RFC 2606). */
export const demoSenderDomain = 'news.hanamaru-shop.example';

export function demoNewsletter(): DemoNewsletter {
  const file = (name: string): string => fileURLToPath(new URL(`newsletter/${name}`, import.meta.url));
  return {
    from: `花まる商店 <letter@${demoSenderDomain}>`,
    subject: readFileSync(file('subject.txt'), 'utf8').trim(),
    htmlFile: file('newsletter.html'),
    textFile: file('newsletter.txt'),
  };
}
