import { findProgram } from './path.mjs'
import { aptInstall, explainMissing, installCommand, thisSystem } from './system-packages.mjs'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const PACKAGES = {
  apt: 'chromium',
  dnf: 'chromium',
  apk: 'chromium',
  pacman: 'chromium',
  zypper: 'chromium',
  brew: '--cask chromium',
}

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<string>} absolute path of the browser that tests drive
 * @throws Refusal naming the cure when there is none
 */
export async function findChromium({ CHROMIUM_PATH, PATH }) {
  const found = CHROMIUM_PATH || findProgram(BROWSERS, PATH)
  if (found) return found
  const system = thisSystem()
  // Ubuntu's package of this name only points to a snap, which most servers and containers can't run.
  if (system.id === 'debian' && system.isRoot) {
    await aptInstall(['chromium'])
    const installed = findProgram(BROWSERS, PATH)
    if (installed) return installed
  }
  throw explainMissing(
    'Chromium',
    installCommand(system, PACKAGES),
    'name one: CHROMIUM_PATH=/path/to/chrome npm test',
  )
}
