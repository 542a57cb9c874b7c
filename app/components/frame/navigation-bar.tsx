import { useNavigation } from '@remix-run/react'
import { useEffect, useState } from 'react'

/** A page that comes at once needs no notice. */
const NOTICED_AFTER_MS = 200

/** A thin line over the page while the next one takes its time. It takes no room, so nothing jumps. */
export function NavigationBar() {
  const isBusy = useNavigation().state !== 'idle'
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    if (!isBusy) return
    const timer = setTimeout(() => setShown(true), NOTICED_AFTER_MS)
    return () => {
      clearTimeout(timer)
      setShown(false)
    }
  }, [isBusy])
  return (
    // There before it says anything, so that readers of screens hear it.
    <div role="status">
      {isShown && (
        <div className="fixed inset-x-0 top-0 z-50 h-0.5">
          <span className="sr-only">Loading the page</span>
          <div className="h-full w-full origin-left animate-[arrive_10s_cubic-bezier(0.1,0.7,0.1,1)_both] bg-accent" />
        </div>
      )}
    </div>
  )
}
