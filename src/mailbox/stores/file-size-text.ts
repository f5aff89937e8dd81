/** `1.9 GB`, in powers of 1,000 as the limits of mail programs and the prices of disks are told. */
export function fileSizeText(octets: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = octets;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.floor(value) : Math.floor(value * 10) / 10} ${units[unit] ?? 'B'}`;
}
