/** A process that does a job gets a third of the time of one that serves; with more it would starve where all is busy. */
export const jobNiceness = 5;
