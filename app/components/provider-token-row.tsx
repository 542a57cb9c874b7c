import { Form, Link, useNavigation } from '@remix-run/react'
import { ExternalLink, Pencil, Trash2 } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { FormFault } from '../guard'
import type { Api } from '../trpc/router'
import { Button, buttonClasses } from './ui/button'
import { Field, Input } from './ui/field'
import { RelativeTime } from './ui/relative-time'

type Token = Awaited<ReturnType<Api['providerTokens']['list']>>[number]

interface RowProps {
  token: Token
  /** What the row shows besides the saved state; part of the address, so that it works without scripts. */
  mode: 'edit' | 'clear' | undefined
  fault: FormFault | undefined
}

/** One provider: the input while nothing is saved, else the mask with ways to replace and to clear it. */
export function ProviderTokenRow({ token, mode, fault }: RowProps) {
  return (
    <li className="flex flex-col gap-3 p-4" aria-label={token.label}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-medium">{token.label}</h3>
        <a
          href={token.tokenPage}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 text-accent hover:underline"
        >
          Get a {token.label} token <ExternalLink aria-hidden className="size-3.5" />
        </a>
      </div>
      {!token.saved || mode === 'edit' ? (
        <TokenForm token={token} fault={fault} />
      ) : mode === 'clear' ? (
        <ClearForm token={token} />
      ) : (
        <SavedToken token={token} />
      )}
    </li>
  )
}

function SavedToken({ token }: { token: Token }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <code className="font-mono wrap-anywhere">{token.masked}</code>
      {token.updatedAt && (
        <span className="text-xs text-muted">
          saved <RelativeTime at={token.updatedAt} />
        </span>
      )}
      <span className="ml-auto flex gap-1">
        <ModeLink to={`?edit=${token.provider}`} label={`Replace the ${token.label} token`}>
          <Pencil aria-hidden />
        </ModeLink>
        <ModeLink to={`?clear=${token.provider}`} label={`Clear the ${token.label} token`}>
          <Trash2 aria-hidden />
        </ModeLink>
      </span>
    </div>
  )
}

function ModeLink({ to, label, children }: { to: string; label: string; children: React.ReactNode }) {
  return (
    <Link
      to={to}
      replace
      preventScrollReset
      aria-label={label}
      title={label}
      className={`${buttonClasses({ variant: 'ghost', size: 'sm' })} w-8 px-0!`}
    >
      {children}
    </Link>
  )
}

function TokenForm({ token, fault }: { token: Token; fault: FormFault | undefined }) {
  const input = useRef<HTMLInputElement>(null)
  const isReplacing = token.saved
  useEffect(() => {
    if (isReplacing || fault) input.current?.focus()
  }, [isReplacing, fault])
  return (
    <Form method="post" replace preventScrollReset className="flex flex-col gap-2 sm:flex-row sm:items-start">
      <input type="hidden" name="provider" value={token.provider} />
      <Field
        label={isReplacing ? `New ${token.label} token` : `${token.label} token`}
        error={fault?.message}
        className="sm:flex-1"
      >
        {(control) => (
          <Input
            {...control}
            ref={input}
            name="token"
            type="password"
            autoComplete="off"
            spellCheck={false}
            data-1p-ignore
            data-lpignore="true"
            placeholder={token.placeholder}
            className="font-mono"
          />
        )}
      </Field>
      <div className="flex gap-2 sm:mt-6.5">
        <SubmitButton intent="save" provider={token.provider} variant="primary">
          Save
        </SubmitButton>
        {isReplacing && <Cancel>Cancel</Cancel>}
      </div>
    </Form>
  )
}

function ClearForm({ token }: { token: Token }) {
  const cancel = useRef<HTMLAnchorElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  return (
    <Form method="post" replace preventScrollReset className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <input type="hidden" name="provider" value={token.provider} />
      <p className="min-w-0 flex-1 basis-64">
        Clear <code className="font-mono wrap-anywhere">{token.masked}</code>? Machines that run keep it until
        they are relaunched.
      </p>
      <div className="flex gap-2">
        <SubmitButton intent="clear" provider={token.provider} variant="danger">
          Clear token
        </SubmitButton>
        <Cancel linkRef={cancel}>Keep it</Cancel>
      </div>
    </Form>
  )
}

function Cancel({ linkRef, children }: { linkRef?: React.Ref<HTMLAnchorElement>; children: string }) {
  return (
    <Link ref={linkRef} to="." replace preventScrollReset className={buttonClasses()}>
      {children}
    </Link>
  )
}

interface SubmitProps {
  intent: 'save' | 'clear'
  provider: string
  variant: 'primary' | 'danger'
  children: string
}

function SubmitButton({ intent, provider, variant, children }: SubmitProps) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('provider') === provider
  return (
    <Button type="submit" name="intent" value={intent} variant={variant} disabled={isBusy}>
      {children}
    </Button>
  )
}
