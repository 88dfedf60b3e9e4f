/** @file The columns of wide lists: what it is and how it stands begin at one place on each page and tab. */
const nameAndState = 'minmax(0, 5fr) minmax(0, 4fr)';

/** With room for all buttons that a row may have, so that no tab has another order. */
export const withSize = `${nameAndState} 76px 168px`;
/** As wide as those. */
export const withTime = `${nameAndState} 96px 148px`;
