import { onTestFinished } from 'vitest'
import { until } from '../support/until'
import type { Ran, RunOptions } from './run-command'

/**
 * A command that goes on while the test does something else.
 * @param start gets what it is started with
 */
export function running(start: (options: Pick<RunOptions, 'signal' | 'onOutput'>) => Promise<Ran>) {
  let output = ''
  const interruption = new AbortController()
  const ended = start({
    signal: interruption.signal,
    onOutput: (text) => {
      output += text
    },
  })
  onTestFinished(() => interruption.abort())
  return {
    ended,
    /** As Ctrl-C does. */
    interrupt: () => interruption.abort(),
    /** Waits until it has written this. */
    hasSaid: (text: string) => until(`it says ${text}`, () => output.includes(text)),
  }
}
