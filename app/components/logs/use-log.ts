import { useEffect, useRef, useState } from 'react'
import type { Api } from '../../trpc/router'
import { client } from '../use-live'

export type Log = Awaited<ReturnType<Api['machines']['logs']>>

/** More than anybody reads in one go; older lines are a page away. */
const SHOWN_MAX = 400_000

/**
 * A log as it was loaded, and what is printed since.
 * @param isLive whether to ask for more: browsers open only a few streams to one server
 */
export function useLog(machineId: string, loaded: Log, isLive: boolean): string {
  const [text, setText] = useState(loaded.text)
  const last = useRef(loaded)
  const isVisible = useVisible()

  useEffect(() => {
    last.current = loaded
    setText(loaded.text)
  }, [loaded])

  useEffect(() => {
    if (!isLive || !isVisible) return
    const { service } = loaded
    const subscription = client.machines.watchLogs.subscribe(
      { id: machineId, service, cursor: last.current.newer },
      {
        onData: ({ data }) => {
          const gap = data.from > last.current.to ? '\n…\n' : ''
          last.current = { ...last.current, to: data.to, newer: data.newer }
          setText((before) => newest(before + gap + data.text))
        },
      },
    )
    return () => subscription.unsubscribe()
  }, [machineId, loaded, isLive, isVisible])

  return text
}

const newest = (text: string) =>
  text.length > SHOWN_MAX ? text.slice(text.indexOf('\n', text.length - SHOWN_MAX) + 1) : text

function useVisible(): boolean {
  const [isVisible, setVisible] = useState(false)
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible')
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isVisible
}
