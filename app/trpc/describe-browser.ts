import bowser from 'bowser'

/** "Firefox on Linux" for a User-Agent header, or the start of the header where it is no known browser. */
export function describeBrowser(userAgent: string): string {
  if (!userAgent) return 'An unknown browser'
  const { browser, os } = bowser.parse(userAgent)
  if (!browser.name) return userAgent.slice(0, 40)
  return os.name ? `${browser.name} on ${os.name}` : browser.name
}
