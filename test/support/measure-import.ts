import { importRecipients } from '../../src/contacts/index.ts';

/** What `measure-import.ts FILE` prints: one import in a process of its own, so that its peak memory is its own. */
export type MeasuredImport = {
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly rows: number;
  readonly seconds: number;
  /** Resident set before the import, and its peak, in bytes. */
  readonly startRssBytes: number;
  readonly peakRssBytes: number;
  readonly batches: number;
};

const path = process.argv[2];
if (path !== undefined && import.meta.main) {
  const startRssBytes = process.memoryUsage.rss();
  const startMs = performance.now();
  let batches = 0;
  const summary = await importRecipients(path, {
    async accepted() {
      batches += 1;
      // A store that commits each batch before it asks for the next.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    },
    rejected: () => {},
  });
  const { accepted, rejected, duplicates, rows } = summary;
  const seconds = (performance.now() - startMs) / 1000;
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const measured: MeasuredImport = {
    accepted,
    rejected,
    duplicates,
    rows,
    seconds,
    startRssBytes,
    peakRssBytes,
    batches,
  };
  console.log(JSON.stringify(measured));
}
