import { useRevalidator } from '@remix-run/react'
import { useEffect } from 'react'
import type { Save } from './save-status'

const RELOAD_EVERY_MS = 1000

export const isUnderWay = ({ status }: Pick<Save, 'status'>) => status === 'queued' || status === 'saving'

/** Loads the page again every second as long as one of the saves on it is being made. */
export function useReloadWhileSaving(saves: Pick<Save, 'status'>[]): void {
  const { revalidate } = useRevalidator()
  const isSaving = saves.some(isUnderWay)
  useEffect(() => {
    if (!isSaving) return
    const timer = setInterval(revalidate, RELOAD_EVERY_MS)
    return () => clearInterval(timer)
  }, [isSaving, revalidate])
}
