// What a browser shows by itself if somebody insists, without running anything in it.
const harmless =
  /^(?:image\/(?:png|jpeg|gif|webp|avif|heic)|audio\/[\w.+-]+|video\/[\w.+-]+|application\/(?:pdf|zip|gzip|vnd\.[\w.+-]+)|text\/(?:plain|csv|calendar))$/;

/** The type a file is served as: its own where nothing runs in it, else octets. */
export function servedType(contentType: string): string {
  if (!harmless.test(contentType)) return 'application/octet-stream';
  return contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType;
}

/** RFC 6266 §4: as a file to keep, under its name; in ASCII for old programs, in full (RFC 8187 §3.2) for all others. */
export function dispositionHeader(filename: string): string {
  const ascii = filename.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\%]/g, '_');
  const full = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${full}`;
}
