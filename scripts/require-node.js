// Plain JavaScript, and of an old kind: it must run on a Node that is too old, to say so in one line.

/** Of `engines` in package.json; test/package.test.ts compares the two. */
const wantedMajor = 24;

if (Number(process.versions.node.split('.')[0]) < wantedMajor) {
  const language = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '';
  console.error(
    language.startsWith('ja')
      ? `Node.js ${wantedMajor} 以降が必要です（現在は ${process.version}）。npm ci を --ignore-scripts なしで実行すると、必要な Node.js がこのフォルダーに入ります。`
      : `Node.js ${wantedMajor} or newer is needed, this is ${process.version}: run "npm ci" without --ignore-scripts, it brings the right one into this folder.`,
  );
  process.exitCode = 2;
}
