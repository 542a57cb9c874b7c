import { useEffect, useState } from 'react'

/** A length of time that goes on: as the server told it, whose clock may be another, and what has passed here since. */
export function useCounting(toldMs: number, isCounting: boolean, everyMs: number): number {
  const [sinceMs, setSinceMs] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was told anew is counted on from now
  useEffect(() => {
    setSinceMs(0)
    if (!isCounting) return
    const from = performance.now()
    const count = () => setSinceMs(performance.now() - from)
    const timer = setInterval(count, everyMs)
    return () => clearInterval(timer)
  }, [toldMs, isCounting, everyMs])
  return toldMs + sinceMs
}
