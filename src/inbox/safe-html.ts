import type { CapturedMail } from './read-captured.ts';

/**
 * With it a page runs nothing, loads nothing from anywhere, submits nothing, and is of an origin of its own (CSP Level 3 §6.1, HTML
 * §7.5 `sandbox`); styles and pictures that stand in it are shown.
 */
export const captivePolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// Larger pictures are left out of the page; they are among the files.
const largestPictureOctets = 5_000_000;
const pictures = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;

/** The HTML with the pictures that came along in place of their `cid:`; to be served with `captivePolicy`. null: there is none. */
export function safeHtml({ html, files }: CapturedMail): string | null {
  if (html === null) return null;
  const shown = new Map(
    files.flatMap(({ contentId, contentType, content }) =>
      contentId !== null && pictures.test(contentType) && content.length <= largestPictureOctets
        ? [[contentId, `data:${contentType};base64,${content.toString('base64')}`]]
        : [],
    ),
  );
  // RFC 2392 §2: the identifier is percent-encoded in the URL.
  return html.replaceAll(
    /\bcid:([^"'\s<>)]{1,300})/gi,
    (whole, id: string) => shown.get(decoded(id)) ?? shown.get(id) ?? whole,
  );
}

function decoded(id: string): string {
  return id.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
