/** What a slot can hold. */
export type SlotValue = string | number;

/** Values by the names of their slots. */
export type Slots = Readonly<Record<string, SlotValue>>;
