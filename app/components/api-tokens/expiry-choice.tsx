import { Alert } from '../ui/alert'
import { Choice, Choices } from '../ui/choice'
import { Field, Input } from '../ui/field'
import type { GivenToken } from './new-token-input'

interface ExpiryChoiceProps {
  /** The first and last day that can be chosen. */
  range: { min: string; max: string }
  given: GivenToken
  error: string | undefined
}

export function ExpiryChoice({ range, given, error }: ExpiryChoiceProps) {
  const { expiry = '90', date = '' } = given
  const choice = (value: string) => ({ name: 'expiry', value, defaultChecked: expiry === value })
  return (
    <div className="group flex flex-col gap-3">
      <Choices legend="Expires" id="expiry" error={expiry === 'date' ? undefined : error}>
        <Choice {...choice('30')} label="In 30 days" />
        <Choice {...choice('90')} label="In 90 days" />
        <Choice {...choice('365')} label="In a year" />
        <Choice {...choice('never')} label="Never" />
        <Choice {...choice('date')} label="On a date" />
      </Choices>
      <Field
        label="Date"
        error={expiry === 'date' ? error : undefined}
        className="hidden max-w-48 group-has-[input[value=date]:checked]:flex"
      >
        {(control) => <Input {...control} type="date" name="date" defaultValue={date} {...range} />}
      </Field>
      <Alert tone="warning" className="hidden group-has-[input[value=never]:checked]:flex">
        A token that never expires stays good when it leaks and nobody notices. Choose a year, and make a new
        one then.
      </Alert>
    </div>
  )
}
