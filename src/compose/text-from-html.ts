import { compile } from 'html-to-text';

/**
 * HTML as text for the text part: links kept behind their words, images by their alternative text, no wrapping (a
 * mail client wraps; a break inside a Japanese sentence would be seen as a space), headings as they are written.
 */
export const textFromHtml: (html: string) => string = compile({
  wordwrap: false,
  formatters: {
    alternativeText: (element, _walk, builder) => {
      // The element is untyped in html-to-text
      const alt = (element as { attribs?: Record<string, string> }).attribs?.['alt'] ?? '';
      builder.addInline(alt, {});
    },
  },
  selectors: [
    { selector: 'img', format: 'alternativeText' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    // The line that mail programs show in the list: in a mail without HTML it would only stand there twice.
    { selector: 'div[style^="display:none"]', format: 'skip' },
    ...['title', 'style', 'script', 'head'].map((selector) => ({ selector, format: 'skip' })),
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});
