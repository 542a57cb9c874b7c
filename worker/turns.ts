/** Lets as many run at once as there are turns; the others wait for theirs. */
export function turns(free: number) {
  const waiting: (() => void)[] = []
  return async (work: () => Promise<void>) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
