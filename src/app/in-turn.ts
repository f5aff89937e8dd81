/** Does something with each of many things, `places` of them at a time; answers in the order given. */
export async function inTurn<Item, Answer>(
  items: readonly Item[],
  places: number,
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const waiting = items.entries();
  // One iterator for all: each place takes the next item when it is free.
  const place = async (): Promise<void> => {
    for (const [at, item] of waiting) answers[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(places, items.length) }, place));
  return answers;
}
