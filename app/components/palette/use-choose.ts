import { useNavigate, useSubmit } from '@remix-run/react'
import type { Deed, Entry } from './entries'
import { recent } from './kept'

interface Ways {
  onClose: () => void
  /** What is asked before it is done. */
  onAsk: (question: Extract<Deed, { does: 'ask' }>) => void
  onHelp: () => void
}

/** Does what an entry says; the pages that it leads to say how it went. */
export function useChoose({ onClose, onAsk, onHelp }: Ways) {
  const navigate = useNavigate()
  const submit = useSubmit()
  return (entry: Entry) => {
    // The latest stands first, where Enter takes it: nothing is done once more by that.
    if (entry.does !== 'send') recent.add(entry.id)
    if (entry.does === 'ask') return onAsk(entry)
    onClose()
    if (entry.does === 'show-shortcuts') onHelp()
    else if (entry.does === 'go') navigate(entry.to)
    else if (entry.does === 'open') openInTab(entry.to)
    else submit({ ...entry.fields }, { method: 'post', action: entry.to })
  }
}

/** With a form, since opening a machine makes a ticket; a new tab may only come of a key or a click. */
function openInTab(action: string) {
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action, target: '_blank' })
  document.body.append(form)
  form.submit()
  form.remove()
}
