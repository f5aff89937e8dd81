import { describe, expect, it } from 'vitest';
import { viewHtml } from './html-view.ts';

describe('what is shown', () => {
  it('is words, links with their text, and images; hidden words stand apart', () => {
    const view = viewHtml(
      '<head><title>t</title><style>p{}</style></head><p>One<br>two</p><div style="DISPLAY : none">three</div>' +
        '<a href=" https://a.example/x ">go <b>there</b></a><img src="a.png" alt="four"><img src=o width=1 height="1px">',
    );
    expect(view).toEqual({
      text: 'One two go there',
      hidden: 'three',
      links: [{ href: 'https://a.example/x', text: 'go there' }],
      images: [
        { src: 'a.png', alt: 'four', isPixel: false },
        { src: 'o', alt: null, isPixel: true },
      ],
      active: [],
    });
  });

  it('ends hidden where its element ends', () => {
    expect(viewHtml('<div hidden>a<p>b</div>c')).toMatchObject({ text: 'c', hidden: 'ab' });
  });

  it('has no script, form or refresh', () => {
    const view = viewHtml('<script>alert(1)</script><form></form><meta http-equiv="Refresh" content="0">x');
    expect(view).toMatchObject({ text: 'x', active: ['script', 'form', 'meta'] });
  });
});

it('is read no deeper than newsletters go', () => {
  const view = viewHtml(`<p>first</p>${'<div>'.repeat(200_000)}deep`);
  expect(view.text).toBe('first');
});
