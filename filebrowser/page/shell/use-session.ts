import { useEffect, useState } from 'react'
import type { SessionView } from '../../contract'
import { type ApiError, api } from '../api'

const AGAIN_AFTER_MS = 3000

/** Which machine and tokens this is; asked again until there is an answer. */
export function useSession() {
  const [session, setSession] = useState<SessionView>()
  const [fault, setFault] = useState<string>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const ask = () => {
      api.session().then(
        (answer) => {
          setSession(answer)
          setFault(undefined)
        },
        ({ message }: ApiError) => {
          setFault(message)
          timer = setTimeout(ask, AGAIN_AFTER_MS)
        },
      )
    }
    ask()
    return () => clearTimeout(timer)
  }, [])
  return { session, fault }
}
