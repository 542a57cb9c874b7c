import { useEffect } from 'react'
import { type Progress, percent } from '../downloads/progress'
import type { Place } from '../use-location'

const NAMES: Record<Place['view'], string> = { downloads: 'Downloads', files: 'Files', session: 'Session' }

/** `42 % · Downloads · Studio`: where one is, and how far what runs has come. */
export function useTitle(place: Place, { share }: Progress, machine: string | undefined) {
  const folder = place.view === 'files' ? place.path.split('/').at(-1) : undefined
  const title = [share !== undefined && percent(share), folder || NAMES[place.view], machine]
    .filter(Boolean)
    .join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
