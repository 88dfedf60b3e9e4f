/** The engine behind this window is gone, or no longer knows it. */
export class NotAnswering extends Error {
  override readonly name = 'NotAnswering';
  /** `refused`: it answers, but not this window; only opening it anew helps. */
  readonly why: 'silent' | 'refused';
  constructor(why: 'silent' | 'refused', options?: { cause?: unknown }) {
    super(why, options);
    this.why = why;
  }
}
