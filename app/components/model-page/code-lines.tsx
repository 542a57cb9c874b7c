import { Link } from '@remix-run/react'
import clsx from 'clsx'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { CopyText } from '../copy-text'
import { callLines } from './call-lines'

/** How programs call a model: one tab a way. */
export function CodeLines({ model }: { model: Parameters<typeof callLines>[0] }) {
  const id = useId()
  const tabs = useRef<HTMLDivElement>(null)
  const ways = callLines(model)
  const [at, setAt] = useState(0)
  const chosen = ways[at]

  function move(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const next = (at + step + ways.length) % ways.length
    setAt(next)
    tabs.current?.querySelectorAll('button')[next]?.focus()
  }

  return (
    <div className="flex flex-col gap-4">
      <div
        ref={tabs}
        role="tablist"
        aria-label="Ways to call it"
        onKeyDown={move}
        className="flex gap-x-5 border-b"
      >
        {ways.map(({ name }, index) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={index === at}
            aria-controls={`${id}-lines`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => setAt(index)}
            className={clsx(
              '-mb-px border-b-2 px-0.5 py-2 font-medium',
              index === at ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text',
            )}
          >
            {name}
          </button>
        ))}
      </div>
      {chosen && (
        <div id={`${id}-lines`} role="tabpanel" aria-labelledby={`${id}-${chosen.name}`}>
          <CopyText
            key={chosen.name}
            label={chosen.name === 'curl' ? 'Call, status and result' : 'Call, wait and download'}
            text={chosen.text}
            rows={chosen.text.split('\n').length + 2}
          />
        </div>
      )}
      <p className="text-muted">
        {chosen?.name === 'curl' ? (
          <>
            <code className="font-mono">RUNCOMFY_TOKEN</code> is an{' '}
            <Link to="/profile/api-tokens/new" className="text-accent underline">
              API token
            </Link>{' '}
            that may call models; each call runs with your own Hugging Face and Civitai tokens.
          </>
        ) : (
          <>
            After <code className="font-mono">runcomfy login</code>, or with an{' '}
            <Link to="/profile/api-tokens/new" className="text-accent underline">
              API token
            </Link>{' '}
            in <code className="font-mono">RUNCOMFY_TOKEN</code>.
          </>
        )}
      </p>
    </div>
  )
}
