import { useState } from 'react'
import { Button } from '~/app/components/ui/button'

const STEP = 100

/**
 * The beginning of a long list, and the button that shows more of it: thousands of rows at once would be slow.
 * @returns what to show, and the button, which is null when that is all
 */
export function useBounded<T>(items: T[], what: string) {
  const [limit, setLimit] = useState(STEP)
  const hidden = Math.max(0, items.length - limit)
  const more =
    hidden === 0 ? null : (
      <div className="border-t px-4 py-2.5 text-center">
        <Button size="sm" onClick={() => setLimit(limit + STEP)}>
          Show {Math.min(hidden, STEP)} more of {hidden} {what}
        </Button>
      </div>
    )
  return { shown: hidden === 0 ? items : items.slice(0, limit), more }
}
