import { Form, Link } from '@remix-run/react'
import { Confirm } from './confirm'
import { Button, buttonClasses } from './ui/button'
import { Field, Input } from './ui/field'

const PAGE = '/profile/username'

/** Where a username is chosen, and after it the page to come back to. */
export const usernamePath = (next: string) => `${PAGE}?${new URLSearchParams({ next })}`

/** A path of Slipway's own that is gone to with the name; the profile without one. */
interface Next {
  next?: string | undefined
}

/** Asks for the name; nothing is chosen yet. */
export function ChooseUsername({
  name,
  fault,
  next,
}: { name?: string | undefined; fault?: string | undefined } & Next) {
  return (
    <Form action={PAGE} className="flex flex-col gap-4">
      <Field
        label="Username"
        hint="Lower-case letters, digits and dashes, at most 39. You choose it once: it can’t be changed later."
        error={fault}
        className="max-w-md"
      >
        {(control) => (
          <Input
            {...control}
            // Another name than the one before begins with that one, not with what was typed since.
            key={name}
            name="name"
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            defaultValue={name}
          />
        )}
      </Field>
      {next && <input type="hidden" name="next" value={next} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary">
          Go on
        </Button>
        <Link to={next ? '/models' : '/profile'} className={buttonClasses()}>
          Cancel
        </Link>
      </div>
    </Form>
  )
}

/** Says what the name means before it is chosen for good. */
export function ConfirmUsername({ name, next }: { name: string } & Next) {
  return (
    <Confirm
      action={PAGE}
      back={next ? usernamePath(next) : PAGE}
      fields={{ name, ...(next && { next }) }}
      does="Choose it for good"
      keeps="Another name"
      tone="primary"
    >
      <p>
        You will be <strong>{name}</strong>, and a model of yours <code>{name}/portrait</code>.
      </p>
      <p className="text-sm text-muted">This can’t be changed, not even by an administrator.</p>
    </Confirm>
  )
}
