import { Form, useNavigation } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import type { UserAnswer } from '../../user-forms'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Field, Input } from '../ui/field'

type User = Awaited<ReturnType<Api['admin']['users']['get']>>

const FIELDS = [
  { name: 'machines', label: 'Machines at once', mode: 'numeric' },
  { name: 'sessionHours', label: 'Session, in hours', mode: 'decimal' },
  { name: 'diskGib', label: 'Disk, in GiB', mode: 'decimal' },
] as const

/** What one user may have in place of what everybody has. */
export function LimitsForm({ user, refused }: { user: User; refused: UserAnswer | undefined }) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'limits'
  const { errorOf, general } = formFaults(
    refused?.fault,
    FIELDS.map(({ name }) => name),
  )
  return (
    <Form method="post" replace preventScrollReset className="flex flex-col gap-3">
      <input type="hidden" name="id" value={user.id} />
      {general && <Alert tone="danger">{general}</Alert>}
      <div className="flex flex-col gap-3 sm:flex-row sm:items-start">
        {FIELDS.map(({ name, label, mode }) => (
          <Field
            key={name}
            label={label}
            hint={`Everybody’s: ${user.everybodys[name] ?? 'no limit'}`}
            error={errorOf(name)}
            className="sm:w-52"
          >
            {(control) => (
              <Input
                {...control}
                name={name}
                inputMode={mode}
                maxLength={12}
                autoComplete="off"
                defaultValue={refused?.given[name] ?? user.limits[name] ?? ''}
              />
            )}
          </Field>
        ))}
      </div>
      <Button
        type="submit"
        name="intent"
        value="limits"
        variant="primary"
        disabled={isBusy}
        className="self-start"
      >
        Save limits
      </Button>
    </Form>
  )
}
