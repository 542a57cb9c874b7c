import { BrandLink } from '../brand'
import type { Account } from './account-menu'
import { HeaderTools } from './header-tools'
import { MainNav } from './main-nav'

/** One line; on phones the navigation is a second one. */
export function Header(account: Account) {
  return (
    <header className="border-b bg-surface">
      <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-4 px-4 py-2 sm:flex-nowrap lg:gap-x-6">
        <BrandLink />
        <MainNav isAdmin={account.isAdmin} />
        <HeaderTools {...account} />
      </div>
    </header>
  )
}
