import { useEffect, useState } from 'react'
import type { PreviewView } from '../../contract'
import type { ApiError } from '../api'
import { filesApi } from './files-api'

interface Shown {
  path: string
  view?: PreviewView
  error?: ApiError
}

/** What is shown of a file; neither as long as it is on its way. */
export function usePreview(path: string): Omit<Shown, 'path'> {
  const [shown, setShown] = useState<Shown>({ path })
  useEffect(() => {
    const controller = new AbortController()
    const keep = (outcome: Omit<Shown, 'path'>) =>
      !controller.signal.aborted && setShown({ path, ...outcome })
    filesApi.preview(path, controller.signal).then(
      (view) => keep({ view }),
      (error: ApiError) => keep({ error }),
    )
    return () => controller.abort()
  }, [path])
  return shown.path === path ? shown : {}
}
