import { type KeyboardEvent, type RefObject, useEffect } from 'react'

const STEPS = new Map([
  ['ArrowDown', 1],
  ['ArrowUp', -1],
])

/**
 * Makes a `<details>` behave as a menu does: it closes at Escape, when a link in it is followed, and when somebody
 * goes on elsewhere; the arrow keys go through what is in it.
 * @returns its `onKeyDown`
 */
export function useDisclosure(details: RefObject<HTMLDetailsElement>) {
  useEffect(() => {
    const shown = details.current
    if (!shown) return
    const closeOutside = ({ target }: Event) => {
      if (!shown.contains(target as Node)) shown.open = false
    }
    const closeAtLink = ({ target }: Event) => {
      if ((target as Element).closest('a')) shown.open = false
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    shown.addEventListener('click', closeAtLink)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
      shown.removeEventListener('click', closeAtLink)
    }
  }, [details])

  return (event: KeyboardEvent) => {
    const shown = details.current
    const step = STEPS.get(event.key)
    if (!shown?.open) return
    if (event.key === 'Escape') {
      shown.open = false
      shown.querySelector('summary')?.focus()
    } else if (step) {
      // What a narrow screen alone has may be hidden.
      const all = [...shown.querySelectorAll<HTMLElement>('summary, a, button')].filter((one) =>
        one.checkVisibility(),
      )
      const at = all.indexOf(document.activeElement as HTMLElement)
      all[(at + step + all.length) % all.length]?.focus()
    } else return
    event.preventDefault()
  }
}
