const PICKLES = /\.(ckpt|pt|pt2|pth|bin|pkl|pickle)$/i

/** Whether a file of this name can run code when it is loaded. */
export const isPickle = (name: string): boolean => PICKLES.test(name)
