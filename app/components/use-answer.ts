import { useActionData, useLocation } from '@remix-run/react'
import { useState } from 'react'

/** What a form of the page was answered. Unlike `useActionData` alone it outlives a reload of the page's data. */
export function useAnswer<T>(): ReturnType<typeof useActionData<T>> {
  const answer = useActionData<T>()
  const { key } = useLocation()
  const [kept, keep] = useState({ answer, key })
  if (answer && (answer !== kept.answer || key !== kept.key)) keep({ answer, key })
  return answer ?? (kept.key === key ? kept.answer : undefined)
}
