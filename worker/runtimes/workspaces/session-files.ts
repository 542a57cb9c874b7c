/** The file manager's own folder, in the models too, and what it has not written whole yet beside its place. */
const OWN = /^(models\/)?\.slipway(\/|$)|(^|\/)\.slipway-[\w-]+\.part$/

/**
 * Whether it is one session's, and not what people made: downloads and uploads under way, what was deleted. A
 * machine that starts from a save is not to go on with another one's.
 * @param path relative to the workspace
 */
export const isOfOneSession = (path: string): boolean => OWN.test(path)
