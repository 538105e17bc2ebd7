/** A long document nested deeper than this is refused; an engine may stop earlier. None has more than twelve levels. */
export const depthLimit = 1000;

/** Only a text of this length can be nested so deep that a parser or its caller runs out of stack. */
export const longText = 100_000;
