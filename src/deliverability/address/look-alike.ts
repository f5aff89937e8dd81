// Letters of other scripts that are drawn like Latin ones: the single-letter part of confusables.txt (UTS #39) that reaches ASCII
// lower case from Cyrillic, Greek, Armenian and the small capitals.
const lookalikes: Readonly<Record<string, string>> = {
  а: 'a',
  ɑ: 'a',
  α: 'a',
  с: 'c',
  ϲ: 'c',
  ԁ: 'd',
  е: 'e',
  ҽ: 'e',
  ɡ: 'g',
  һ: 'h',
  հ: 'h',
  і: 'i',
  ı: 'i',
  ι: 'i',
  ј: 'j',
  к: 'k',
  κ: 'k',
  ӏ: 'l',
  ⅼ: 'l',
  м: 'm',
  п: 'n',
  ո: 'n',
  о: 'o',
  ο: 'o',
  օ: 'o',
  р: 'p',
  ρ: 'p',
  ԛ: 'q',
  г: 'r',
  ѕ: 's',
  т: 't',
  τ: 't',
  υ: 'u',
  ս: 'u',
  ѵ: 'v',
  ν: 'v',
  ԝ: 'w',
  ѡ: 'w',
  х: 'x',
  χ: 'x',
  у: 'y',
  γ: 'y',
  ᴢ: 'z',
  ʏ: 'y',
  ɩ: 'i',
  ɴ: 'n',
  ʀ: 'r',
  ʟ: 'l',
  ь: 'b',
  ԍ: 'g',
  // What a Japanese keyboard gives for a hyphen, and what word processors make of one.
  ー: '-',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2015': '-',
};

/** The same text in Latin letters where it only looks so; null: nothing in it is from another script that imitates. */
export function latinReading(text: string): string | null {
  let changed = false;
  const read = Array.from(text.toLowerCase(), (character) => {
    const latin = lookalikes[character];
    if (latin !== undefined) changed = true;
    return latin ?? character;
  }).join('');
  // A whole word in Cyrillic that has other letters too is a name in Cyrillic, not an imitation.
  return changed && /^[ -~]*$/.test(read) ? read : null;
}

/** Without the marks on its letters: `gmaíl.com` → `gmail.com`. */
export function withoutMarks(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '');
}
