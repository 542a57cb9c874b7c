import * as z from 'zod'

/** As people type it, to how it is stored and compared: without blanks around it, in lower case. */
export const emailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'is longer than an e-mail address can be')
  .pipe(z.email('is no e-mail address; it looks like name@example.org'))

/** Who a mail is from. */
export interface Sender {
  /** May be empty. */
  name: string
  address: string
}

/** `address`, or `Name <address>`. */
export const sender = z.string().transform((text, context): Sender => {
  const [, name = '', address = text] = /^"?([^"<>\p{Cc}]*?)"?\s*<([^<>]*)>$/u.exec(text) ?? []
  if (emailAddress.safeParse(address).success) return { name, address }
  context.addIssue('must be an e-mail address, or `Name <address>`')
  return z.NEVER
})
