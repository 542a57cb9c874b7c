import { PaletteButton } from '../palette/palette-button'
import { type Account, AccountMenu } from './account-menu'

/** What is in reach on every page, at the right of the header. */
export function HeaderTools(account: Account) {
  return (
    <div className="ml-auto flex items-center gap-1.5">
      <PaletteButton isAdmin={account.isAdmin} />
      <AccountMenu {...account} />
    </div>
  )
}
