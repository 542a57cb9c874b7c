import { Link } from '@remix-run/react'
import { CopyText } from '../copy-text'
import { buttonClasses } from '../ui/button'
import { Section } from '../ui/card'

/** How to get the command, and where its login goes on. @param packageUrl what npm installs it from */
export function CommandLine({ packageUrl }: { packageUrl: string }) {
  return (
    <Section
      title="Command line"
      description="Launch machines, read their logs and add downloads from a terminal, also over SSH."
      actions={
        <Link to="/cli-auth" className={buttonClasses({ size: 'sm' })}>
          Enter a code
        </Link>
      }
    >
      <div className="flex flex-col gap-3">
        <CopyText label="Install it and log in" rows={3} text={`npm i -g ${packageUrl}\nruncomfy login`} />
        <p className="text-muted">
          The login shows a code and waits until you enter it here. It then has a token of its own among your
          API tokens.
        </p>
      </div>
    </Section>
  )
}
