const STATE = '.slipway'

/** What this program keeps for itself: its state, and half-written files beside their targets. */
const RESERVED = /^\.slipway(-.*\.part)?$/is

/** Whether nobody lists, opens, moves or deletes what has this name. */
export const isReserved = (name: string): boolean => RESERVED.test(name)

/** Where a part of the program keeps its state. @param top absolute path of a file system's highest folder */
export const statePath = (top: string, part: 'trash' | 'uploads' | 'parts') => `${top}/${STATE}/${part}`
