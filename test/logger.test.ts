import { afterEach, expect, test, vi } from 'vitest'
import { createLogger } from '~/logger'

afterEach(() => vi.restoreAllMocks())

test('a value that is held never reaches the log, wherever it stands in an entry', () => {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  const { logger, holdSecrets } = createLogger('info', 'worker')
  const values: string[] = []
  const letGo = holdSecrets(values)
  values.push('hf_CANARYheld')

  logger.info({ url: 'https://host/?token=hf_CANARYheld' }, 'asked')
  logger.error({ err: new Error('refused hf_CANARYheld') }, 'failed')
  expect(lines).toHaveLength(2)
  expect(lines.join()).not.toContain('CANARY')
  expect(lines.join()).toContain('[secret]')

  letGo()
  logger.info('hf_CANARYheld')
  expect(lines[2]).toContain('hf_CANARYheld')
})
