/** Advisory locks of the record within its database: numbers made once, that nothing else is likely to use. */

/** Held by the instance that changes the layout. */
export const migrationLock = '5238471600912700';
/** Held by every write until it is committed, so that positions become visible in their order. */
export const writeLock = '5238471600912701';
