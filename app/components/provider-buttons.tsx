import { Form } from '@remix-run/react'
import { KeyRound } from 'lucide-react'
import { Button } from './ui/button'

interface ProviderButtonsProps {
  providers: { id: string; label: string }[]
  /** Where to go after signing in; may be empty. */
  next: string
}

/** One button for each OpenID Connect provider. */
export function ProviderButtons({ providers, next }: ProviderButtonsProps) {
  return (
    <>
      <p className="flex items-center gap-3 text-xs text-muted before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">
        or
      </p>
      <ul className="flex flex-col gap-2">
        {providers.map(({ id, label }) => (
          <li key={id}>
            {/* As a document, whose answer then leads to the provider. */}
            <Form method="post" action={`/sign-in/with/${id}`} reloadDocument>
              {next && <input type="hidden" name="next" value={next} />}
              <Button type="submit" className="w-full">
                <KeyRound aria-hidden /> <span className="truncate">Sign in with {label}</span>
              </Button>
            </Form>
          </li>
        ))}
      </ul>
    </>
  )
}
