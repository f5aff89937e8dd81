/** Digits and pairs of letters that are drawn like another letter in many fonts: `gmai1`, `yah00`, `hotrnail`. */
export function drawnForm(domain: string): string {
  return domain.replaceAll('0', 'o').replaceAll(/[1i]/g, 'l').replaceAll('rn', 'm').replaceAll('vv', 'w');
}

/** Without its dots and hyphens, which are left out or put in by ear: `sonet.ne.jp`, `docomone.jp`. */
export function squeezedForm(domain: string): string {
  return domain.replaceAll(/[.-]/g, '');
}
