import { SignInCard } from './sign-in-card'
import { Alert } from './ui/alert'
import { RelativeTime } from './ui/relative-time'

interface SignInCodeProps {
  email: string
  /** Six digits. */
  code: string
  askedFrom: { browser: string; address: string; at: string }
}

/** What a link shows in a browser that didn't ask for it. */
export function SignInCode({ email, code, askedFrom }: SignInCodeProps) {
  return (
    <SignInCard
      title="This link was asked for in another browser"
      description={`To sign in there as ${email}, type this code in the window where you asked:`}
    >
      <p className="rounded-md bg-sunken py-3 text-center font-mono text-2xl font-semibold tracking-widest">
        {code.slice(0, 3)} {code.slice(3)}
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        <dt className="text-muted">Asked with</dt>
        <dd className="wrap-anywhere">{askedFrom.browser}</dd>
        <dt className="text-muted">From</dt>
        <dd className="wrap-anywhere">{askedFrom.address}</dd>
        <dt className="text-muted">When</dt>
        <dd>
          <RelativeTime at={askedFrom.at} />
        </dd>
      </dl>
      <Alert tone="warning" title="Only there, and tell it to nobody">
        Whoever has the code signs in as you. If it wasn't you who asked, close this page: nothing happens.
      </Alert>
    </SignInCard>
  )
}
