import { FileQuestion } from 'lucide-react'
import { useState } from 'react'
import { EmptyState } from '~/app/components/ui/empty-state'
import type { PreviewView } from '../../contract'
import { type Entry, inlineHref } from './files-api'
import { SafetensorsFacts } from './safetensors-facts'
import { visibleName } from './visible-name'

/** Never taller than the dialog round it leaves room for. */
const FITS = 'mx-auto block max-h-[calc(100dvh-11rem)] max-w-full'

export function PreviewContent({ entry, view }: { entry: Entry; view: PreviewView }) {
  const [isBroken, setBroken] = useState(false)
  const href = inlineHref(entry.path)
  const onError = () => setBroken(true)
  if (isBroken) return <NoPreview reason="Your browser can’t show this file. Download it to look at it." />
  switch (view.kind) {
    case 'image':
      return <img src={href} alt={visibleName(entry.name)} onError={onError} className={FITS} />
    case 'video':
      // biome-ignore lint/a11y/useMediaCaption: nobody wrote any
      return <video src={href} controls onError={onError} className={FITS} />
    case 'audio':
      return (
        <div className="p-4">
          {/* biome-ignore lint/a11y/useMediaCaption: nobody wrote any */}
          <audio src={href} controls onError={onError} className="w-full" />
        </div>
      )
    case 'text':
      return <Text text={view.text} isTruncated={view.truncated} />
    case 'safetensors':
      return <SafetensorsFacts view={view} />
    case 'none':
      return <NoPreview reason={view.reason} />
  }
}

function NoPreview({ reason }: { reason: string }) {
  return (
    <EmptyState icon={FileQuestion} title="No preview">
      {reason}
    </EmptyState>
  )
}

function Text({ text, isTruncated }: { text: string; isTruncated: boolean }) {
  return (
    <>
      {isTruncated && <p className="border-b bg-canvas px-4 py-2 text-muted">Only the beginning is shown.</p>}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className="flex-1 overflow-auto p-4 font-mono text-xs whitespace-pre-wrap wrap-anywhere"
      >
        {text === '' ? 'This file is empty.' : text}
      </pre>
    </>
  )
}
