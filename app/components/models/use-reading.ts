import { useFetcher } from '@remix-run/react'
import { useEffect, useRef, useState } from 'react'
import type { WorkflowReading } from '../../../workflows/reading'
import type { Workflow } from '../../../workflows/workflow'
import type { ModelAnswer } from '../../model-forms'
import { workflowIn } from './workflow-file'

export interface ReadWorkflow {
  workflow: Workflow
  reading: WorkflowReading
}

/** Has the server read what somebody chose or pasted, and tells of it when it is a workflow. */
export function useReading(onRead: (read: ReadWorkflow) => void) {
  const fetcher = useFetcher<ModelAnswer>()
  const sent = useRef<Workflow>()
  const tell = useRef(onRead)
  tell.current = onRead
  const [unreadable, setUnreadable] = useState<string>()

  const reading = fetcher.data?.reading
  useEffect(() => {
    if (reading && sent.current) tell.current({ workflow: sent.current, reading })
  }, [reading])

  const read = (text: string) => {
    const found = workflowIn(text)
    setUnreadable(found.fault)
    if (found.fault !== undefined) return
    sent.current = found.workflow
    fetcher.submit(JSON.stringify({ intent: 'read', workflow: found.workflow }), {
      method: 'post',
      encType: 'application/json',
    })
  }
  const isBusy = fetcher.state !== 'idle'
  return { read, isBusy, fault: unreadable ?? (isBusy ? undefined : fetcher.data?.fault?.message) }
}
