/** When an iterate is good enough. Each test that is given is asked; the first that passes ends the run. */
export interface Tolerances {
  /**
   * The Euclidean norm of the gradient. Default: 1e-8 where no other test is given and the method has none of its own;
   * none where batches are drawn, as one batch whose gradient vanishes says nothing of the others.
   */
  readonly gradient?: number;
  /** The same, divided by the norm at the start. */
  readonly relativeGradient?: number;
  /** sqrt(<g, M g>) in the method's own metric M: no choice of coordinates or units changes it for Newton's. */
  readonly metric?: number;
  /** The length of the last step beside that of the point. */
  readonly step?: number;
  /** The last decrease of the loss beside the loss. */
  readonly value?: number;
}

/** A test that an iterate passed: `measured` <= `tolerance`. */
export interface Passed {
  /** Its name, as the status gives it. */
  readonly criterion: string;
  readonly measured: number;
  readonly tolerance: number;
}
