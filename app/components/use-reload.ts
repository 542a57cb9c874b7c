import { useRevalidator } from '@remix-run/react'
import { useEffect } from 'react'

const RELOAD_EVERY_MS = 5000

/** Loads the page's data again every few seconds, while somebody can see it. */
export function useReload(): void {
  const { revalidate } = useRevalidator()
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') revalidate()
    }, RELOAD_EVERY_MS)
    return () => clearInterval(timer)
  }, [revalidate])
}
