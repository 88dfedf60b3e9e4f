/** @file Why an upload is stopped that is about to be changed: what has been stored by then can not be changed any more. */
export class Recalled extends Error {
  constructor() {
    super('This upload is about to be changed');
  }
}
