const version = /^v=STSv1[ \t]*;/;
// RFC 8461 §3.1: sts-id, and the form of names and values of extensions.
const idForm = /^[A-Za-z0-9]{1,32}$/;
const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const valueForm = /^[\x21-\x3a\x3c\x3e-\x7e]+$/;

/** The id of the policy that `_mta-sts.DOMAIN` announces; null: none, as where several records do (RFC 8461 §3.1). */
export function readStsId(records: readonly string[]): string | null {
  const announcing = records.filter((record) => version.test(record));
  const [record] = announcing;
  if (announcing.length !== 1 || record === undefined) return null;
  const fields = record.split(';').slice(1);
  // The last delimiter may stand at the end.
  if (fields.at(-1)?.trim() === '') fields.pop();
  let id: string | null = null;
  for (const field of fields) {
    const [, name, value] = /^[ \t]*([^=]+)=(.*?)[ \t]*$/.exec(field) ?? [];
    if (name === undefined || value === undefined) return null;
    if (name === 'id') {
      if (!idForm.test(value)) return null;
      // RFC 8461 §3.1: of fields that come twice the first counts.
      id ??= value;
    } else if (!nameForm.test(name) || !valueForm.test(value)) return null;
  }
  return id;
}
