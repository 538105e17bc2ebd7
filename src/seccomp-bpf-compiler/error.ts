/** The only error that this package throws: what is wrong with the profile, and where. */
export class SeccompError extends Error {
  override readonly name = 'SeccompError';
  /** JSON pointer into the profile; '' where it is about the whole. */
  readonly pointer: string;

  constructor(message: string, pointer = '') {
    super(message);
    this.pointer = pointer;
  }
}
