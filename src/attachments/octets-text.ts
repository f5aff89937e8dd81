const units = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
] as const;

/** `3.1 MB`, for people. */
export function octetsText(octets: number): string {
  const [name, factor] = units.find(([, each]) => octets >= each) ?? ['B', 1];
  const value = octets / factor;
  return `${factor === 1 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${name}`;
}
