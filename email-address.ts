import { z } from 'zod'

const isAddress = z.email().max(254)

/** As people type it, to how it is stored and compared: without blanks around it, in lower case. */
export const emailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email('Write an e-mail address, such as mo@example.org.').max(254, 'The address is too long.'))

/** Who a mail is from. */
export interface Sender {
  /** May be empty. */
  name: string
  address: string
}

/** `address`, or `Name <address>`. */
export const sender = z.string().transform((text, context): Sender => {
  const [, name = '', address = text] = /^"?([^"<>\p{Cc}]*?)"?\s*<([^<>]*)>$/u.exec(text) ?? []
  if (isAddress.safeParse(address).success) return { name, address }
  context.addIssue('must be an e-mail address, or `Name <address>`')
  return z.NEVER
})
