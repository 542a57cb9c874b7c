import { isId } from '../../db/ids'
import { findUserCalled } from '../../db/user-list'
import { AppError } from '../../errors'
import type { Context } from './context'

/**
 * Whose a filter asks for: an e-mail address, an id, or a whole name that only one user has.
 * @param field the input that it came in
 * @throws AppError `bad_input` on that field
 */
export function userCalled(db: Context['db'], text: string, field: string): string {
  const id = findUserCalled(db, text)
  if (id) return id
  // Of somebody who is gone, whom the log still knows.
  if (isId(text)) return text
  const message = `${field}: is nobody’s, or several people’s name; use an e-mail address`
  throw new AppError('bad_input', message, { field })
}
