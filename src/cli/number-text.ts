/** A count for people, with a comma at each thousand as both Japanese and English write it. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}
