import { Link } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { CopyText } from '../copy-text'
import { Fact, Facts } from '../facts'
import { Outcome } from '../outcome'
import { buttonClasses } from '../ui/button'
import { Section } from '../ui/card'
import { Day } from '../ui/day'

type CreatedToken = Awaited<ReturnType<Api['apiTokens']['create']>>

/** The only time that a token is shown. */
export function CreatedToken({ created }: { created: CreatedToken }) {
  return (
    <>
      <Outcome tone="warning" title="Copy the token now">
        It is never shown again: Slipway keeps only what it takes to recognise it. If it gets lost, revoke it
        and make another.
      </Outcome>
      <Section title={created.name}>
        <div className="flex flex-col gap-4">
          <Facts>
            <Fact name="Scopes">{created.scopes.join(', ')}</Fact>
            <Fact name="Expires">{created.expiresAt ? <Day at={created.expiresAt} /> : 'never'}</Fact>
          </Facts>
          <CopyText label="API token" text={created.token} />
          {created.exampleUrl && (
            <div className="flex flex-col gap-1.5">
              <p>Send it in a header. To try it out, with the token in place of the dots:</p>
              <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
                curl -H 'Authorization: Bearer …' {created.exampleUrl}
              </pre>
            </div>
          )}
        </div>
      </Section>
      <Link to="/profile" className={`${buttonClasses({ variant: 'primary' })} self-start`}>
        I have copied it
      </Link>
    </>
  )
}
