import { expect, test } from 'vitest';
import { advanceRotation, newSelector } from './key-rotation.ts';
import type { KeyRotation, RotationSight } from './key-rotation.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const made: KeyRotation = {
  selector: 'new',
  file: '/new.pem',
  replaces: ['old'],
  made: '2026-01-01T00:00:00.000Z',
  verified: null,
  switched: null,
  revoked: null,
};
const sight: RotationSight = {
  nowMs: start,
  isPublished: true,
  signing: ['old'],
  isOldGone: false,
  expiryMs: 3 * dayMs,
};

test('goes from publishing to revoking, and keeps the day of each step', () => {
  expect(advanceRotation(made, { ...sight, isPublished: false }).step.kind).toBe('publish');
  const seen = advanceRotation(made, sight);
  expect(seen).toMatchObject({
    step: { kind: 'switch' },
    rotation: { verified: '2026-01-01T00:00:00.000Z' },
  });
  const switched = advanceRotation(seen.rotation, { ...sight, nowMs: start + dayMs, signing: ['new'] });
  // A mail may wait three days in the queue, and be read seven days after.
  expect(switched.step).toEqual({ kind: 'wait', until: '2026-01-12T00:00:00.000Z' });
  const late = { ...sight, nowMs: start + 11 * dayMs, signing: ['new'] };
  const due = advanceRotation(switched.rotation, late);
  expect(due.step.kind).toBe('revoke');
  const done = advanceRotation(due.rotation, { ...late, isOldGone: true });
  expect(done).toMatchObject({
    step: { kind: 'done' },
    rotation: {
      verified: '2026-01-01T00:00:00.000Z',
      switched: '2026-01-02T00:00:00.000Z',
      revoked: '2026-01-12T00:00:00.000Z',
    },
  });
  expect(advanceRotation(done.rotation, { ...late, isPublished: false }).step.kind).toBe('done');
});

test('is not switched while the old key signs as well, or the new record is gone again', () => {
  expect(advanceRotation(made, { ...sight, signing: ['old', 'new'] }).step.kind).toBe('switch');
  const gone = advanceRotation(
    { ...made, verified: made.made, switched: made.made },
    { ...sight, isPublished: false },
  );
  expect(gone).toMatchObject({ step: { kind: 'publish' }, rotation: { verified: null } });
});

test('selectors are named for the day, each once', () => {
  expect(newSelector(start, [])).toBe('t20260101');
  expect(newSelector(start, ['t20260101', 't20260101-2'])).toBe('t20260101-3');
});
