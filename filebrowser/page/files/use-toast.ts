import { useCallback, useState } from 'react'

export interface Said {
  id: number
  text: string
  action?: { label: string; onClick: () => void } | undefined
}

/** Shows a sentence, which screen readers hear, until the next one or for a while. */
export type Say = (text: string, action?: Said['action']) => void

export function useToast() {
  const [said, setSaid] = useState<Said>()
  const say = useCallback<Say>(
    (text, action) => setSaid((before) => ({ id: (before?.id ?? 0) + 1, text, action })),
    [],
  )
  const hush = useCallback(() => setSaid(undefined), [])
  return { said, say, hush }
}
