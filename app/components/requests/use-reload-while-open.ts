import { useRevalidator } from '@remix-run/react'
import { useEffect } from 'react'
import { isOpen, type Request } from './stages'

const RELOAD_EVERY_MS = 3000

/** Loads the page again every few seconds as long as one of the requests on it has not ended. */
export function useReloadWhileOpen(requests: Request[]): void {
  const { revalidate } = useRevalidator()
  const isWaiting = requests.some(isOpen)
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(revalidate, RELOAD_EVERY_MS)
    return () => clearInterval(timer)
  }, [isWaiting, revalidate])
}
