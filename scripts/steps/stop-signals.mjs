/** npm passes a terminal's Ctrl-C on, although the terminal has sent it to us as well. */
const SAME_PRESS_MS = 1000

/**
 * @param {{ first: (signal: 'SIGINT' | 'SIGTERM') => void, again: () => void }} listeners
 *   first: stop in good order; again: somebody has no patience left
 */
export function onStopSignals({ first, again }) {
  let firstAt = 0
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (firstAt === 0) {
        firstAt = performance.now()
        first(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
      } else if (performance.now() - firstAt > SAME_PRESS_MS) again()
    })
  }
}
